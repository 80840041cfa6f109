/** Schedules, as pages ask for them, and what can be done with them. */

import { queryOptions } from "@tanstack/react-query";

import { get, patch, post, remove } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";

export type Schedule = components["schemas"]["Schedule"];
export type Rules = components["schemas"]["ScheduleRulesIn"];
export type NewSchedule = components["schemas"]["ScheduleIn"];
export type Planned = components["schemas"]["Planned"];

export const schedulesQuery = queryOptions({
  queryKey: ["schedules"],
  queryFn: ({ signal }) => get("/api/v1/schedules", { signal }),
});

export function scheduleQuery(name: string) {
  return queryOptions({
    queryKey: ["schedules", "one", name],
    queryFn: ({ signal }) => get("/api/v1/schedules/{name}", { path: { name }, signal }),
  });
}

export const UPCOMING = 50;

export function nextQuery(name: string, count = UPCOMING) {
  return queryOptions({
    queryKey: ["schedules", "next", name, count],
    queryFn: ({ signal }) => get("/api/v1/schedules/{name}/next", { path: { name }, query: { count }, signal }),
  });
}

export function scheduleWhyQuery(name: string) {
  return queryOptions({
    queryKey: ["schedules", "why", name],
    queryFn: ({ signal }) => get("/api/v1/schedules/{name}/why", { path: { name }, signal }),
  });
}

export function scheduleJobsQuery(source: string) {
  return queryOptions({
    queryKey: ["jobs", "of", source],
    queryFn: ({ signal }) => get("/api/v1/jobs", { query: { source, limit: 20 }, signal }),
  });
}

export function patternQuery(pattern: string, tz: string, count = 10) {
  return queryOptions({
    queryKey: ["schedules", "preview", pattern, tz, count],
    queryFn: ({ signal }) => get("/api/v1/schedules/preview", { query: { pattern, tz, count }, signal }),
    placeholderData: (previous) => previous,
  });
}

export function planQuery(since: string, until: string) {
  return queryOptions({
    queryKey: ["schedules", "plan", since, until],
    queryFn: ({ signal }) => get("/api/v1/schedules/plan", { query: { since, until }, signal }),
  });
}

/** What the jobs of a schedule carry as their cause. */
export function sourceOf(schedule: Pick<Schedule, "name" | "tenant">): string {
  return `schedule:${schedule.name}`;
}

async function after<T>(done: Promise<T>): Promise<T> {
  const answer = await done;
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  return answer;
}

export type Act = "run" | "pause" | "resume" | "delete";

/** Does one thing with one schedule. */
export async function act(verb: Act, name: string, reason: string): Promise<string | undefined> {
  const path = { name };
  if (verb === "run") return (await post("/api/v1/schedules/{name}/run", { path, reason })).job;
  if (verb === "pause") await post("/api/v1/schedules/{name}/pause", { path, body: { note: reason }, reason });
  else if (verb === "resume") await post("/api/v1/schedules/{name}/resume", { path, reason });
  else await remove("/api/v1/schedules/{name}", { path, reason });
  return undefined;
}

/** Does it with each in turn; answers which could not, and why. */
export async function actOnAll(verb: Act, names: readonly string[], reason: string) {
  const failed: { name: string; error: unknown }[] = [];
  const jobs: string[] = [];
  for (const name of names) {
    try {
      const job = await act(verb, name, reason);
      if (job) jobs.push(job);
    } catch (error) {
      failed.push({ name, error });
    }
  }
  await after(Promise.resolve());
  return { failed, jobs };
}

export function createSchedule(body: NewSchedule): Promise<Schedule> {
  return after(post("/api/v1/schedules", { body }));
}

export function resume(name: string, body: Rules, reason: string): Promise<Schedule> {
  return after(post("/api/v1/schedules/{name}/resume", { path: { name }, body, reason }));
}

export function changeSchedule(name: string, body: Rules, version: number, reason: string): Promise<Schedule> {
  return after(patch("/api/v1/schedules/{name}", { path: { name }, body, seen: `"${version}"`, reason }));
}
