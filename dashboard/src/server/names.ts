/** What there is by name, for those who look for one of them. */

import { queryOptions } from "@tanstack/react-query";

import { get } from "./http";

const CALM = 30_000;

export const queueNames = queryOptions({
  queryKey: ["names", "queues"],
  queryFn: async ({ signal }) => (await get("/api/v1/queues", { signal })).queues.map((each) => each.queue),
  staleTime: CALM,
});

export const taskNames = queryOptions({
  queryKey: ["names", "tasks"],
  queryFn: async ({ signal }) => (await get("/api/v1/tasks", { signal })).tasks.map((each) => each.task),
  staleTime: CALM,
});

export const scheduleNames = queryOptions({
  queryKey: ["names", "schedules"],
  queryFn: async ({ signal }) => (await get("/api/v1/schedules", { signal })).schedules.map((each) => each.name),
  staleTime: CALM,
});
