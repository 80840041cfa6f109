import { useEffect, useState } from "react";

import type { Queue } from "../../server/queues";

const WINDOW = 3 * 60_000;
const LEAST = 20_000;

type Sample = readonly [at: number, waiting: ReadonlyMap<string, number>];

/** By how many a minute the waiting jobs of each queue become more, as this page has watched them. */
export function useGrowth(queues: readonly Queue[] | undefined, at: number): ReadonlyMap<string, number> {
  const [samples, keep] = useState<readonly Sample[]>([]);
  useEffect(() => {
    if (!queues || !at) return;
    const waiting = new Map(queues.map((queue) => [queue.queue, queue.counts.waiting]));
    keep((all) => [...all.filter((each) => each[0] > at - WINDOW && each[0] < at), [at, waiting]]);
  }, [queues, at]);
  return growth(samples);
}

export function growth(samples: readonly Sample[]): ReadonlyMap<string, number> {
  const [first, last] = [samples[0], samples.at(-1)];
  if (!first || !last || last[0] - first[0] < LEAST) return new Map();
  const minutes = (last[0] - first[0]) / 60_000;
  return new Map([...last[1]].map(([queue, waiting]) => [queue, (waiting - (first[1].get(queue) ?? 0)) / minutes]));
}
