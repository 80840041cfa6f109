/** Changes of jobs: of these, or of all that a filter matches. */

import { now } from "../time/clock";
import { asked } from "./filter";
import type { Filter } from "./seen";
import { post } from "./http";
import type { Verb } from "./jobs";
import { client } from "./queries";

export type Meant = { ids: string[] } | { filter: Filter };

const PATHS = {
  retry: "/api/v1/jobs/retry",
  cancel: "/api/v1/jobs/cancel",
  runNow: "/api/v1/jobs/run-now",
  delete: "/api/v1/jobs/delete",
  move: "/api/v1/jobs/move",
  reprioritise: "/api/v1/jobs/reprioritise",
  postpone: "/api/v1/jobs/postpone",
} as const;

/** What some changes need to be told. */
export interface Said {
  queue?: string;
  priority?: number;
  until?: string;
}

function body(meant: Meant) {
  return "ids" in meant ? { ids: meant.ids } : { filter: asked(meant.filter, now()) };
}

/** Has jobs changed; answers how many were, and the job that goes on with the rest. */
export async function change(verb: Verb, meant: Meant, reason: string, said: Said = {}) {
  // What each of them takes beside the jobs is asked for by the dialog of its own verb.
  const whole = { ...body(meant), ...said } as never;
  const changed = await post(PATHS[verb], { body: whole, reason });
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  return changed;
}

/** How many jobs a change would look at, and the newest of them. */
export function preview(meant: Meant) {
  return post("/api/v1/jobs/preview", { body: body(meant) });
}
