/** Tasks that can be called, and calls that are made of them. */

import { queryOptions } from "@tanstack/react-query";

import { get, Problem, post } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";

export type Task = components["schemas"]["Task"];
export type NewJob = components["schemas"]["EnqueueIn"];

export const callableQuery = queryOptions({
  queryKey: ["tasks", "callable"],
  queryFn: ({ signal }) => get("/api/v1/tasks", { signal }),
  staleTime: 30_000,
  select: ({ tasks }) => tasks.filter((task) => task.known),
});

/** Asks for a job; sent again under the same key it is the same one. */
export async function enqueue(body: NewJob, once: string) {
  const made = await post("/api/v1/jobs", { body, once });
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  return made;
}

/** What the server says is wrong with one part of what was sent. */
export function wrongAt(error: unknown, part: string): string | undefined {
  if (!(error instanceof Problem)) return undefined;
  const at = `/body/${part}`;
  const found = error.parts.find((each) => each.pointer === at || each.pointer.startsWith(`${at}/`));
  if (found) return found.message;
  return part.startsWith("arguments/") ? argument(error.message, part.slice("arguments/".length)) : undefined;
}

/** Of `send(): argument 'to.city': expected str, got int` what it says of `to`. */
function argument(said: string, name: string): string | undefined {
  const found = /argument '([^']*)'(?:: (.*))?$/s.exec(said);
  if (!found) return undefined;
  const place = found[1]!;
  return place === name || place.startsWith(`${name}.`) || place.startsWith(`${name}[`) ? (found[2] ?? said) : undefined;
}

/** Whether a part says all that is wrong, so that it need not be said again for the whole. */
export function saidOf(error: unknown, parts: readonly string[]): boolean {
  return parts.some((part) => wrongAt(error, part) !== undefined);
}
