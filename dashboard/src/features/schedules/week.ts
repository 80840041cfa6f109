/** A week of planned runs, by day and hour of a zone. */

import type { Planned } from "../../server/schedules";
import { changeBetween, daysFrom, offsetAt, wallAt } from "../../time/zones";

export interface Run {
  name: string;
  at: number;
}

export interface Day {
  /** Its midnight. */
  at: number;
  date: string;
  /** What starts in each of its hours. */
  hours: readonly (readonly Run[])[];
  /** When its clock is changed, and which way. */
  change: { at: number; back: boolean } | undefined;
}

export interface Week {
  since: number;
  until: number;
  days: readonly Day[];
  /** The most runs that start in one hour. */
  most: number;
  /** What comes too often to be drawn. */
  often: readonly string[];
}

/** Where a week begins and ends that begins with the day of this moment. */
export function borders(zone: string, at: number): { since: number; until: number } {
  const days = daysFrom(zone, at, 7);
  return { since: days[0]!, until: days[7]! };
}

/** The plan, by days and hours as the zone's clock has them. */
export function weekOf(zone: string, since: number, plan: readonly Planned[]): Week {
  const midnights = daysFrom(zone, since, 7);
  const until = midnights[7]!;
  const hours: Run[][][] = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => []));
  const dates = midnights.slice(0, 7).map((at) => wallAt(zone, at).slice(0, 10));
  for (const { name, ticks, more } of plan) {
    if (more) continue;
    for (const tick of ticks) {
      const at = Date.parse(tick);
      const wall = wallAt(zone, at);
      hours[dates.indexOf(wall.slice(0, 10))]?.[Number(wall.slice(11, 13))]?.push({ name, at });
    }
  }
  const days = dates.map((date, number) => {
    const [at, end] = [midnights[number]!, midnights[number + 1]!];
    const changed = changeBetween(zone, at, end);
    const change = changed === undefined ? undefined : { at: changed, back: offsetAt(zone, end) < offsetAt(zone, at) };
    return { at, date, hours: hours[number]!.map((runs) => runs.toSorted((one, other) => one.at - other.at)), change };
  });
  const most = Math.max(0, ...days.flatMap((day) => day.hours.map((runs) => runs.length)));
  return { since, until, days, most, often: plan.filter((each) => each.more).map((each) => each.name) };
}
