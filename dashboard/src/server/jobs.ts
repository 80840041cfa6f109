/** Jobs, as pages ask for them. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { now } from "../time/clock";
import { asked, type Filter } from "./filter";
import { get } from "./http";
import type { components } from "./schema.gen";

export type Job = components["schemas"]["Job"];
export type Attempt = components["schemas"]["Attempt"];

export const PAGE = 25;

export function jobsQuery(filter: Filter) {
  return queryOptions({
    queryKey: ["jobs", filter],
    queryFn: ({ signal }) =>
      get("/api/v1/jobs", { query: { ...asked(filter, now()), cursor: filter.after, limit: PAGE }, signal }),
    placeholderData: keepPreviousData,
  });
}

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) => get("/api/v1/jobs/{id}", { path: { id }, signal }),
  });
}

export function logQuery(id: string) {
  return queryOptions({
    queryKey: ["job", id, "log"],
    queryFn: ({ signal }) => get("/api/v1/jobs/{id}/logs", { path: { id }, signal }),
  });
}

export function whyQuery(id: string) {
  return queryOptions({
    queryKey: ["job", id, "why"],
    queryFn: ({ signal }) => get("/api/v1/jobs/{id}/why", { path: { id }, signal }),
  });
}

/** What may be done to jobs, and in which states it does anything. */
export const VERBS = {
  retry: ["failed", "cancelled"],
  cancel: ["scheduled", "blocked", "waiting", "running", "retrying"],
  runNow: ["scheduled", "retrying"],
  delete: ["scheduled", "blocked", "waiting", "retrying", "completed", "failed", "cancelled"],
} as const;

export type Verb = keyof typeof VERBS;

export function allows(verb: Verb, job: Pick<Job, "state">): boolean {
  return (VERBS[verb] as readonly string[]).includes(job.state);
}
