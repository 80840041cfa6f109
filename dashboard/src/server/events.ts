/** What happened: events, how many, and who waits for them. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { askedMoment } from "./filter";
import { get, post } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";
import type { EventsSearch } from "./seen";

export type Happened = components["schemas"]["Event"];

export const EVENTS = 50;
export function eventsQuery(search: EventsSearch) {
  const { pattern, source, after } = search;
  return queryOptions({
    queryKey: ["events", "list", pattern, source, after],
    queryFn: ({ signal }) =>
      get("/api/v1/events", { query: { pattern: pattern ?? "**", source, cursor: after, limit: EVENTS }, signal }),
    placeholderData: keepPreviousData,
  });
}

/** One event: the list up to it begins with it. */
export function eventQuery(position: number) {
  return queryOptions({
    queryKey: ["event", position],
    queryFn: async ({ signal }) => {
      const found = await get("/api/v1/events", { query: { cursor: position + 1, limit: 1 }, signal });
      return found.events.find((each) => each.position === position) ?? null;
    },
    staleTime: Infinity,
  });
}

/** Jobs that an event has brought about. */
export function causedQuery(position: number) {
  return queryOptions({
    queryKey: ["jobs", "caused", position],
    queryFn: ({ signal }) => get("/api/v1/jobs", { query: { source: `event:${position}`, limit: 25 }, signal }),
  });
}

export function figuresQuery(search: EventsSearch) {
  const { pattern, since = "-24h" } = search;
  return queryOptions({
    queryKey: ["events", "figures", pattern, since],
    queryFn: ({ signal }) =>
      get("/api/v1/events/statistics", { query: { pattern: pattern ?? "**", since: askedMoment(since) }, signal }),
    placeholderData: keepPreviousData,
    staleTime: 5_000,
  });
}

export const subscriptionsQuery = queryOptions({
  queryKey: ["events", "subscriptions"],
  queryFn: ({ signal }) => get("/api/v1/events/subscriptions", { signal }),
});

export async function emit(name: string, payload: unknown, source: string, reason: string): Promise<number> {
  const made = await post("/api/v1/events", { body: { name, payload, ...(source ? { source } : {}) }, reason });
  await client.invalidateQueries({ queryKey: ["events"] });
  return made.position;
}

/** The newest event that cleaning would delete; `null`: none is that old. */
export function oldEventsQuery(olderThan: string) {
  return queryOptions({
    queryKey: ["preview", "events", olderThan],
    queryFn: async ({ signal }) => {
      const found = await get("/api/v1/events", { query: { until: `-${olderThan}`, limit: 1 }, signal });
      return found.events[0] ?? null;
    },
    staleTime: 0,
    gcTime: 0,
  });
}

export async function clean(olderThan: string, reason: string): Promise<number> {
  const done = await post("/api/v1/events/clean", { body: { older_than: olderThan }, reason });
  await client.invalidateQueries({ queryKey: ["events"] });
  return done.deleted;
}
