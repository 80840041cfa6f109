/** What the overview says first: how the whole of it fares, by what is known now. */

import { ENOUGH, ended, outOf, perMinute, type Figures } from "../../server/figures";
import { listens, type Queue, type Worker } from "../../server/queues";

export interface Seen {
  queues: readonly Queue[];
  /** Those who work now; not known to whoever may not see them. */
  workers: readonly Worker[] | undefined;
  /** What ended in the last minutes. */
  pace: Figures | undefined;
  /** By how many a minute the waiting jobs of queues become more, where it was watched long enough. */
  growth: ReadonlyMap<string, number>;
  now: number;
}

export type Verdict =
  | { kind: "nothing" }
  | { kind: "nobody"; waiting: number }
  | { kind: "behind"; queue: string; others: number; waiting: number; oldest: number; out: number; into: number | undefined }
  | { kind: "unheard"; queue: string; others: number; waiting: number }
  | { kind: "paused"; waiting: number }
  | { kind: "quiet" }
  | { kind: "keeping"; rate: number; oldest: number | undefined };

/** A wait from which on a queue may be behind, in milliseconds. */
export const LATE = 60_000;

export function verdict(seen: Seen): Verdict {
  const { queues, workers, pace, now } = seen;
  const waiting = queues.reduce((sum, queue) => sum + queue.counts.waiting, 0);
  const live = queues.reduce((sum, queue) => sum + Object.values(queue.counts).reduce((a, b) => a + b, 0), 0);
  const rate = pace ? perMinute(ended(pace.endings), pace, now) : 0;
  if (queues.length === 0) return { kind: "nothing" };
  if (workers?.length === 0 && live > 0) return { kind: "nobody", waiting };
  const behind = queues.filter((queue) => isBehind(queue, seen)).sort((a, b) => b.counts.waiting - a.counts.waiting);
  const [worst] = behind;
  if (worst) {
    const out = outOf(worst.queue, pace, now);
    const growth = seen.growth.get(worst.queue);
    return {
      kind: "behind",
      queue: worst.queue,
      others: behind.length - 1,
      waiting: worst.counts.waiting,
      oldest: waitOf(worst, now),
      out,
      into: growth === undefined || growth <= 0 ? undefined : out + growth,
    };
  }
  const [unheard, ...more] = queues.filter((queue) => isUnheard(queue, workers));
  if (unheard) return { kind: "unheard", queue: unheard.queue, others: more.length, waiting: unheard.counts.waiting };
  const held = queues.filter((queue) => queue.counts.waiting > 0);
  if (held.length > 0 && held.every((queue) => queue.paused)) return { kind: "paused", waiting };
  if (rate === 0 && waiting === 0) return { kind: "quiet" };
  return { kind: "keeping", rate, oldest: oldestOf(queues, now) };
}

/** How long the first of the waiting jobs has waited, in milliseconds. */
export function waitOf(queue: Pick<Queue, "oldest_waiting_at">, now: number): number {
  return queue.oldest_waiting_at === null ? 0 : Math.max(0, now - Date.parse(queue.oldest_waiting_at));
}

export function isUnheard(queue: Queue, workers: readonly Worker[] | undefined): boolean {
  return workers !== undefined && queue.counts.waiting > 0 && !queue.paused && !workers.some((each) => listens(each, queue.queue));
}

function isBehind(queue: Queue, { workers, pace, growth, now }: Seen): boolean {
  if (queue.paused || queue.counts.waiting === 0 || isUnheard(queue, workers)) return false;
  const isMuch = queue.counts.waiting > ENOUGH * outOf(queue.queue, pace, now);
  return waitOf(queue, now) > LATE && (isMuch || (growth.get(queue.queue) ?? 0) >= 1);
}

function oldestOf(queues: readonly Queue[], now: number): number | undefined {
  const waits = queues.filter((queue) => queue.counts.waiting > 0 && !queue.paused).map((queue) => waitOf(queue, now));
  return waits.length ? Math.max(...waits) : undefined;
}
