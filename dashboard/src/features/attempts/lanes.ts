/** Attempts in lanes over a stretch of time: each bar where it began, as long as it lasted. */

import type { Tried } from "../../server/attempts";
import type { Lanes } from "../../server/seen";

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
  /** `undefined`: of those whose job has no such tag. */
  name: string | undefined;
  bars: Bar[];
  rows: number;
}

const MOST_ROWS = 8;

/** What tags begin with up to their colon, what most attempts have first. */
export function prefixesOf(tries: readonly Tried[]): string[] {
  const counts = new Map<string, number>();
  for (const { tags } of tries)
    for (const prefix of new Set(tags.flatMap((tag) => (tag.indexOf(":") > 0 ? [tag.slice(0, tag.indexOf(":"))] : []))))
      counts.set(prefix, (counts.get(prefix) ?? 0) + 1);
  return [...counts].sort(([one, most], [other, least]) => least - most || one.localeCompare(other)).map(([prefix]) => prefix);
}

/** The lanes that an attempt stands in: one for each of the tags that begin so. */
function namesOf(tried: Tried, by: Lanes, prefix: string | undefined): readonly (string | undefined)[] {
  if (by !== "tag") return [String(tried[by])];
  const meant = prefix === undefined ? [] : tried.tags.filter((tag) => tag.startsWith(`${prefix}:`));
  return meant.length ? [...new Set(meant)] : [undefined];
}

/** The lanes by name, those with most attempts; what lies outside of the stretch is cut off. */
export function lanesOf(tries: readonly Tried[], by: Lanes, since: number, until: number, prefix?: string): { lanes: Lane[]; cut: boolean } {
  const length = Math.max(1, until - since);
  const grouped = new Map<string | undefined, Tried[]>();
  for (const tried of tries)
    for (const name of namesOf(tried, by, prefix)) {
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
  lanes.sort((one, other) =>
    one.name === undefined ? 1 : other.name === undefined ? -1 : one.name.localeCompare(other.name, undefined, { numeric: true }),
  );
  return { lanes, cut: grouped.size > kept.length };
}
