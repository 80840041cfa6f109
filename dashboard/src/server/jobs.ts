/** Jobs, as pages ask for them. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { visible } from "../design/visible";
import { asked } from "./filter";
import { get } from "./http";
import type { components } from "./schema.gen";
import { SIZES, type Filter } from "./seen";

export type Job = components["schemas"]["Job"];
export const PAGE: number = SIZES[0];

export type Attempt = components["schemas"]["Attempt"];

export function jobsQuery(filter: Filter, size = PAGE) {
  return queryOptions({
    queryKey: ["jobs", filter, size],
    queryFn: ({ signal }) =>
      get("/api/v1/jobs", { query: { ...asked(filter), cursor: filter.after, limit: size }, signal }),
    placeholderData: keepPreviousData,
  });
}

export type StateCount = components["schemas"]["StateCount"];

/** How many jobs match in each state, whichever of them is looked at. */
export function countsQuery(filter: Filter) {
  const { state: _, after: __, ...rest } = filter;
  return queryOptions({
    queryKey: ["jobs", "counts", rest],
    queryFn: ({ signal }) => {
      const { states: ___, ...query } = asked(rest);
      return get("/api/v1/jobs/counts", { query, signal });
    },
    placeholderData: keepPreviousData,
    staleTime: 4_000,
  });
}

/** What happened to a job, for those who may read it. */
export function tracesQuery(id: string, limit = 50) {
  return queryOptions({
    queryKey: ["job", id, "audit"],
    queryFn: ({ signal }) => get("/api/v1/audit", { query: { target: id, limit }, signal }),
    retry: false,
  });
}

/** The newest jobs that this one has caused; looked for once, as no index leads to them. */
export function causedQuery(id: string) {
  return queryOptions({
    queryKey: ["caused", id],
    queryFn: ({ signal }) => get("/api/v1/jobs", { query: { source: `job:${id}`, limit: 25 }, signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export function batchQuery(batch: string) {
  return queryOptions({
    queryKey: ["jobs", "batch", batch],
    queryFn: ({ signal }) => get("/api/v1/jobs", { query: { batch, limit: 25 }, signal }),
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
  move: ["scheduled", "blocked", "waiting", "retrying"],
  reprioritise: ["scheduled", "blocked", "waiting", "retrying"],
  postpone: ["scheduled", "waiting", "retrying"],
} as const;

export type Verb = keyof typeof VERBS;

export function allows(verb: Verb, job: Pick<Job, "state">): boolean {
  return (VERBS[verb] as readonly string[]).includes(job.state);
}

/** What an attempt failed with, in a line; nothing in it turns or hides what stands beside it. */
export function faultSaid(error: { kind: string; message: string }): string {
  return visible(`${error.kind}: ${error.message}`);
}
