/** What else starts at a minute, and which one near it is free. */

import type { Planned } from "../../../server/schedules";

const MINUTE = 60_000;
/** How far a free minute is looked for. */
export const NEAR = 30;
/** What comes so often within that time is everywhere, and no reason to go anywhere else. */
const OFTEN = 30;

export interface Crowding {
  count: number;
  /** The nearest minute at which nothing else starts; the later one of two. */
  free: number | undefined;
}

/** How many other schedules start in the minute of this moment. */
export function crowdAt(at: number, plan: readonly Planned[], own: string): Crowding {
  const minute = Math.floor(at / MINUTE);
  const taken = new Map<number, Set<string>>();
  for (const { name, ticks } of plan) {
    if (name === own || ticks.length >= OFTEN) continue;
    for (const tick of ticks) {
      const each = Math.floor(Date.parse(tick) / MINUTE);
      if (!taken.has(each)) taken.set(each, new Set());
      taken.get(each)!.add(name);
    }
  }
  const count = taken.get(minute)?.size ?? 0;
  if (count === 0) return { count, free: undefined };
  for (let step = 1; step <= NEAR; step++) {
    for (const each of [minute + step, minute - step]) {
      if (!taken.has(each)) return { count, free: each * MINUTE };
    }
  }
  return { count, free: undefined };
}
