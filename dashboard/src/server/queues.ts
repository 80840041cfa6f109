/** Queues and who works on them, as pages ask for them. */

import { queryOptions } from "@tanstack/react-query";

import { now } from "../time/clock";
import { get, patch, post } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";

export type Queue = components["schemas"]["Queue"];
export type Worker = components["schemas"]["Worker"];

export const queuesQuery = queryOptions({
  queryKey: ["queues"],
  queryFn: ({ signal }) => get("/api/v1/queues", { signal }),
});

export function queueQuery(queue: string) {
  return queryOptions({
    queryKey: ["queues", queue],
    queryFn: ({ signal }) => get("/api/v1/queues/{queue}", { path: { queue }, signal }),
  });
}

export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: ({ signal }) => get("/api/v1/workers", { signal }),
});

export const runningQuery = queryOptions({
  queryKey: ["jobs", "running"],
  queryFn: ({ signal }) => get("/api/v1/jobs", { query: { states: ["running"], limit: 200 }, signal }),
});

export const tasksQuery = queryOptions({
  queryKey: ["tasks"],
  queryFn: ({ signal }) => get("/api/v1/tasks", { signal }),
});

/** Whether a worker takes jobs of a queue. */
export function listens(worker: Pick<Worker, "queues">, queue: string): boolean {
  return worker.queues === null || worker.queues.includes(queue);
}

async function changed<T>(answer: Promise<T>): Promise<T> {
  const told = await answer;
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  return told;
}

const tag = (queue: Queue) => `"${queue.version}"`;

export function pause(queue: Queue, note: string) {
  const given = { path: { queue: queue.queue }, body: { note }, seen: tag(queue), reason: note };
  return changed(post("/api/v1/queues/{queue}/pause", given));
}

export function resume(queue: Queue) {
  return changed(post("/api/v1/queues/{queue}/resume", { path: { queue: queue.queue }, seen: tag(queue) }));
}

export function drain(queue: Queue, later: boolean, reason: string) {
  return changed(post("/api/v1/queues/{queue}/drain", { path: { queue: queue.queue }, body: { later }, reason }));
}

export const FINISHED = ["completed", "cancelled", "failed"] as const;
export type Finished = (typeof FINISHED)[number];

export function clean(queue: Queue, states: Finished[], age: number, reason: string) {
  const body = { states, older_than: age };
  return changed(post("/api/v1/queues/{queue}/clean", { path: { queue: queue.queue }, body, reason }));
}

/** How many finished jobs of one state are as old as this, in seconds. */
export function countFinished(queue: string, state: Finished, age: number) {
  const before = new Date(now() - age * 1_000).toISOString();
  return post("/api/v1/jobs/preview", { body: { filter: { queues: [queue], states: [state], created_before: before } } });
}

export type Rules = components["schemas"]["QueueRulesIn"];
export type Keep = components["schemas"]["RetentionIn"];

/** Sets what has changed of the rules that were seen; nobody else's change is undone. */
export async function setRules(queue: Queue, rules: Rules, keep: Keep, reason: string) {
  const path = { queue: queue.queue };
  let seen = tag(queue);
  if (Object.keys(rules).length) {
    seen = tag(await patch("/api/v1/queues/{queue}", { path, body: rules, seen, reason }));
  }
  if (Object.keys(keep).length) {
    await patch("/api/v1/queues/{queue}/retention", { path, body: keep, seen, reason });
  }
  return changed(Promise.resolve());
}
