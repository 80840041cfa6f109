/** What ended over a stretch of time, and the same stretch a week before. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { now } from "../time/clock";
import { momentOf } from "./filter";
import { get } from "./http";
import type { components } from "./schema.gen";
import type { FiguresSeen, Step } from "./seen";

export type Figures = components["schemas"]["Statistics"];
export type Stretch = components["schemas"]["Stretch"];

export const LENGTH: Record<Step, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };
export const RANGES = ["-1h", "-6h", "-24h", "-7d", "-30d", "-90d"] as const;
const WEEK = 7 * LENGTH.day;

/** The step that shows a range in some hundred stretches, where none is chosen. */
export function stepFor(length: number): Step {
  if (length <= 6 * LENGTH.hour) return "minute";
  return length <= 14 * LENGTH.day ? "hour" : "day";
}

/** A range and its step, whole steps from the first to the last. */
export function planOf(seen: FiguresSeen, at: number): { since: number; until: number; step: Step } {
  const begun = Date.parse(momentOf(seen.from ?? "-24h", at) ?? momentOf("-24h", at) ?? "");
  const step = seen.step ?? stepFor(at - begun);
  const length = LENGTH[step];
  // More stretches than the server answers at once are cut at their beginning.
  const since = Math.max(begun - (begun % length), at - (at % length) - 2_900 * length);
  return { since, until: at + 1, step };
}

export function figuresQuery(seen: FiguresSeen, weekBefore = false) {
  const { table: _, before: __, sort: ___, ...which } = seen;
  return queryOptions({
    queryKey: ["statistics", "figures", which, weekBefore],
    queryFn: async ({ signal }) => {
      const { since, until, step } = planOf(seen, now());
      const back = weekBefore ? WEEK : 0;
      const figures = await get("/api/v1/statistics", {
        query: {
          since: new Date(since - back).toISOString(),
          until: new Date(until - back).toISOString(),
          step,
          queue: seen.queue,
          task: seen.task,
        },
        signal,
      });
      return { figures, since, until, step, back };
    },
    placeholderData: keepPreviousData,
    // A day of minutes is summed up each time; it need not be more often than they pass.
    staleTime: 4_000,
  });
}
