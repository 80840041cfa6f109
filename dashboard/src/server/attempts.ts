/** Attempts of many jobs over a stretch of time. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { now } from "../time/clock";
import { momentOf } from "./filter";
import { get } from "./http";
import type { components } from "./schema.gen";
import type { AttemptsSeen } from "./seen";

export type Tried = components["schemas"]["Tried"];

/** The stretch that is looked at: the last hour, unless it is said. */
export function stretchOf(seen: Pick<AttemptsSeen, "from" | "to">, at: number): { since: string; until: string } {
  const until = momentOf(seen.to, at) ?? new Date(at + 1).toISOString();
  return { since: momentOf(seen.from ?? "-1h", at) ?? new Date(at - 3_600_000).toISOString(), until };
}

export function attemptsQuery(seen: AttemptsSeen) {
  const { view: _, lanes: __, prefix: ___, ...which } = seen;
  return queryOptions({
    queryKey: ["jobs", "attempts", which],
    queryFn: async ({ signal }) => {
      const stretch = stretchOf(seen, now());
      const query = { ...stretch, queue: seen.queue, task: seen.task, worker: seen.worker, limit: 1_000 };
      return { ...(await get("/api/v1/attempts", { query, signal })), ...stretch };
    },
    placeholderData: keepPreviousData,
  });
}
