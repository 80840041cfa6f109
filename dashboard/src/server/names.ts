/** The names that filters are completed with. */

import { queryOptions } from "@tanstack/react-query";

import { get } from "./http";

/** Whoever did something, as they are called: people without the word for people. */
export function person(actor: string): string {
  return actor.replace(/^user:/, "");
}

const MINUTE = 60_000;

export const queueNames = queryOptions({
  queryKey: ["names", "queues"],
  queryFn: async ({ signal }) => (await get("/api/v1/queues", { signal })).queues.map((each) => each.queue),
  staleTime: MINUTE,
});

export const taskNames = queryOptions({
  queryKey: ["names", "tasks"],
  queryFn: async ({ signal }) => (await get("/api/v1/tasks", { signal })).tasks.map((each) => each.task),
  staleTime: MINUTE,
});
