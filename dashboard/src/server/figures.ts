/** What ended and what comes, as the overview and queues ask for it. */

import { queryOptions } from "@tanstack/react-query";

import { get } from "./http";
import type { components } from "./schema.gen";

export type Figures = components["schemas"]["Statistics"];
export type Stretch = components["schemas"]["Stretch"];
export type Upcoming = components["schemas"]["Upcoming"];

const MINUTE = 60_000;
const DAY = "-24h";

/** What ended of late, by the minute: few enough to be asked for often. */
export function latelyQuery(minutes: number, queue?: string) {
  return queryOptions({
    queryKey: ["statistics", "lately", minutes, queue ?? null],
    queryFn: ({ signal }) =>
      get("/api/v1/statistics", { query: { since: `-${minutes}m`, step: "minute", queue }, signal }),
  });
}

// What takes the server long is asked for once a minute, whatever happens.
const SELDOM = { refetchInterval: MINUTE, staleTime: MINUTE / 2 } as const;

/** What ended in the last day, by the hour. */
export function dayQuery(queue?: string) {
  return queryOptions({
    queryKey: ["seldom", "day", queue ?? null],
    queryFn: ({ signal }) => get("/api/v1/statistics", { query: { since: DAY, step: "hour", queue }, signal }),
    ...SELDOM,
  });
}

/** What is due in the next twelve hours. */
export const upcomingQuery = queryOptions({
  queryKey: ["seldom", "upcoming"],
  queryFn: ({ signal }) => get("/api/v1/schedules/upcoming", { signal }),
  ...SELDOM,
});

/** Jobs of the last day that have failed for good. */
export const deadQuery = queryOptions({
  queryKey: ["seldom", "dead"],
  queryFn: async ({ signal }) => {
    const { queues, more } = await get("/api/v1/dead-letters/queues", { query: { created_from: DAY }, signal });
    return { count: queues.reduce((sum, each) => sum + each.count, 0), more };
  },
  ...SELDOM,
});

export const incidentsQuery = queryOptions({
  queryKey: ["overview", "incidents"],
  queryFn: ({ signal }) => get("/api/v1/alerts/incidents", { query: { stage: "open" }, signal }),
});

/** Minutes of work that may well wait. */
export const ENOUGH = 5;

type Endings = Record<string, number>;

/** Attempts that came to an end of any kind. */
export function ended(endings: Endings): number {
  return Object.values(endings).reduce((sum, count) => sum + count, 0);
}

/** Attempts that ended badly. */
export function failing(endings: Endings | undefined): number {
  return (endings?.["failed"] ?? 0) + (endings?.["timed_out"] ?? 0) + (endings?.["crashed"] ?? 0);
}

/** What ended in the last minutes: how fast work gets done now. */
export const paceQuery = (queue?: string) => latelyQuery(ENOUGH, queue);

/** So many that ended at this pace, per minute; of minutes before the first ending nothing is known. */
export function perMinute(count: number, pace: Figures, now: number): number {
  const first = pace.series[0];
  const begun = first ? Date.parse(first.at) : now;
  return count / Math.min(ENOUGH, Math.max(1, (now - begun) / 60_000));
}

/** How many jobs of a queue end in a minute, at this pace. */
export function outOf(queue: string, pace: Figures | undefined, now: number): number {
  const mine = pace?.queues.find((each) => each.queue === queue);
  return pace && mine ? perMinute(ended(mine.endings), pace, now) : 0;
}
