/** Things as the server tells them, for tests. */

import type { Figures, Upcoming } from "../server/figures";
import type { Queue, Worker } from "../server/queues";

export const NOW = Date.parse("2026-11-29T12:30:00Z");

const NONE = { scheduled: 0, blocked: 0, waiting: 0, running: 0, retrying: 0 };
const SPREAD = { mean: 0.5, p50: 0.4, p95: 1, p99: 2 };

export function aQueue(queue: string, more: Partial<Omit<Queue, "counts">> & { counts?: Partial<Queue["counts"]> } = {}): Queue {
  const { counts, ...rest } = more;
  return {
    queue,
    counts: { ...NONE, ...counts },
    oldest_waiting_at: counts?.waiting ? new Date(NOW - 1_000).toISOString() : null,
    paused: false,
    note: "",
    paused_by: "",
    paused_at: null,
    most: null,
    rate: null,
    fair: false,
    tenant_most: null,
    retention: { completed: null, failed: null, cancelled: null },
    version: 3,
    ...rest,
  };
}

export function aWorker(more: Partial<Worker> = {}): Worker {
  const at = new Date(NOW).toISOString();
  return {
    session: 1,
    name: "w-1",
    host: "box",
    pid: 42,
    release: "1.0",
    queues: null,
    tasks: [],
    modules: {},
    running: 0,
    slots: 10,
    refused: 0,
    started_at: at,
    progress_at: at,
    lease_until: at,
    ...more,
  };
}

/** So many jobs of each queue that were completed, in five minutes before now. */
export function aFigures(byQueue: Record<string, number>, more: Partial<Figures> = {}): Figures {
  const sum = Object.values(byQueue).reduce((all, count) => all + count, 0);
  const figures = (completed: number) => ({ endings: { completed } as Record<string, number>, success_rate: 1, wait: SPREAD, run: SPREAD });
  return {
    since: new Date(NOW - 300_000).toISOString(),
    until: new Date(NOW).toISOString(),
    step: "minute",
    ...figures(sum),
    series: sum ? [{ at: new Date(NOW - 300_000).toISOString(), ...figures(sum) }] : [],
    tasks: [],
    queues: Object.entries(byQueue).map(([queue, count]) => ({ queue, ...figures(count) })),
    live: NONE,
    ...more,
  };
}

export function anUpcoming(hours: Upcoming["hours"], until = NOW + 12 * 3_600_000): Upcoming {
  return { since: new Date(NOW).toISOString(), until: new Date(until).toISOString(), ticks: [], hours, more: false };
}
