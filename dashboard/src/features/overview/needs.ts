/** What needs a person, and where they go for it. */

import { failing, type Figures } from "../../server/figures";
import type { Queue, Worker } from "../../server/queues";
import type { components } from "../../server/schema.gen";
import { isUnheard, waitOf } from "./verdict";

type Incident = components["schemas"]["Incident"];

export type Hand =
  | { kind: "incident"; id: string; text: string; since: string; severity: Incident["severity"] }
  | { kind: "unheard"; queue: string; waiting: number; since: string | null }
  | { kind: "failing"; task: string; failed: number; of: number }
  | { kind: "late"; queue: string; since: string }
  | { kind: "dead"; count: number; more: boolean }
  | { kind: "paused"; queue: string; by: string; since: string | null; note: string; waiting: number };

/** A wait that somebody should look at, in milliseconds. */
export const TOO_LONG = 5 * 60_000;
const SOME = 3;

interface Seen {
  queues: readonly Queue[];
  workers: readonly Worker[] | undefined;
  lately: Figures | undefined;
  incidents: readonly Incident[] | undefined;
  dead: { count: number; more: boolean } | undefined;
  now: number;
}

export function hands({ queues, workers, lately, incidents, dead, now }: Seen): Hand[] {
  return [
    ...(incidents ?? [])
      .filter((each) => each.stage === "open" && each.acknowledged_at === null)
      .map((each): Hand => ({ kind: "incident", id: each.id, text: each.text, since: each.began_at, severity: each.severity })),
    ...queues
      .filter((queue) => isUnheard(queue, workers))
      .map((queue): Hand => ({ kind: "unheard", queue: queue.queue, waiting: queue.counts.waiting, since: queue.oldest_waiting_at })),
    ...(lately?.tasks ?? [])
      .map((each) => ({ task: each.task, failed: failing(each.endings), of: failing(each.endings) + (each.endings["completed"] ?? 0) }))
      .filter((each) => each.failed >= SOME && each.failed * 4 >= each.of)
      .map((each): Hand => ({ kind: "failing", ...each })),
    ...queues
      .filter((queue) => !queue.paused && !isUnheard(queue, workers) && waitOf(queue, now) > TOO_LONG)
      .map((queue): Hand => ({ kind: "late", queue: queue.queue, since: queue.oldest_waiting_at ?? "" })),
    ...(dead && dead.count > 0 ? [{ kind: "dead" as const, count: dead.count, more: dead.more }] : []),
    ...queues
      .filter((queue) => queue.paused)
      .map((queue): Hand => ({
        kind: "paused",
        queue: queue.queue,
        by: queue.paused_by,
        since: queue.paused_at,
        note: queue.note,
        waiting: queue.counts.waiting,
      })),
  ];
}
