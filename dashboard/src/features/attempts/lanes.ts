/** Attempts in lanes over a stretch of time: each bar where it began, as long as it lasted. */

import type { Tried } from "../../server/attempts";

export const MOST_LANES = 40;

export interface Bar {
  tried: Tried;
  /** Where it begins and how long it is, as shares of the stretch. */
  from: number;
  length: number;
  /** Which of the rows of its lane it is drawn in, so that none covers another. */
  row: number;
}

export interface Lane {
  name: string;
  bars: Bar[];
  rows: number;
}

const MOST_ROWS = 8;

/** The lanes by name, those with most attempts; what lies outside of the stretch is cut off. */
export function lanesOf(tries: readonly Tried[], by: "worker" | "queue" | "task", since: number, until: number): { lanes: Lane[]; cut: boolean } {
  const length = Math.max(1, until - since);
  const grouped = new Map<string, Tried[]>();
  for (const tried of tries) {
    const name = String(tried[by]);
    const others = grouped.get(name);
    if (others) others.push(tried);
    else grouped.set(name, [tried]);
  }
  const kept = [...grouped].sort((one, other) => other[1].length - one[1].length).slice(0, MOST_LANES);
  const lanes = kept.map(([name, mine]): Lane => {
    const ends: number[] = [];
    const bars = mine
      .map((tried) => ({ tried, start: Date.parse(tried.started_at), end: tried.ended_at ? Date.parse(tried.ended_at) : until }))
      .sort((one, other) => one.start - other.start)
      .map(({ tried, start, end }): Bar => {
        const begin = Math.min(Math.max(start, since), until);
        const stop = Math.min(Math.max(end, begin), until);
        const free = ends.findIndex((each) => each <= begin);
        const row = free >= 0 ? free : Math.min(ends.length, MOST_ROWS - 1);
        ends[row] = stop;
        return { tried, from: (begin - since) / length, length: (stop - begin) / length, row };
      });
    return { name, bars, rows: Math.max(1, ends.length) };
  });
  lanes.sort((one, other) => one.name.localeCompare(other.name, undefined, { numeric: true }));
  return { lanes, cut: grouped.size > kept.length };
}
