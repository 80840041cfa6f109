/** The tide line as numbers: what ended in the past day, what is planned, what workers could do. */

import { ended, type Figures, type Upcoming } from "../../server/figures";
import type { Worker } from "../../server/queues";

export const HOUR = 3_600_000;
export const PAST = 24 * HOUR;
export const AHEAD = 12 * HOUR;

export interface Point {
  /** The stretch that is told: from when to when. */
  from: number;
  to: number;
  /** Jobs a minute. */
  rate: number;
  planned: boolean;
}

export interface Tide {
  points: Point[];
  /** What workers could do at most, in jobs a minute, by how long jobs take on the mean. */
  capacity: number | undefined;
  /** The end of the scale. */
  top: number;
  /** The busiest planned hour, by the share of all slots that its work takes. */
  high: { at: number; share: number } | undefined;
}

export function tide(day: Figures, upcoming: Upcoming | undefined, workers: readonly Worker[] | undefined, now: number): Tide {
  const points = [...past(day, now), ...plan(upcoming, now)];
  const slots = (workers ?? []).reduce((sum, worker) => sum + (worker.slots ?? 0), 0);
  const mean = day.run.mean;
  const capacity = slots > 0 && mean ? (slots * 60) / mean : undefined;
  const peak = Math.max(...points.map((point) => point.rate), 0.1);
  return { points, capacity, top: capacity !== undefined && capacity < peak * 2 ? Math.max(capacity, peak) * 1.12 : peak * 1.25, high: high(upcoming, slots) };
}

function past(day: Figures, now: number): Point[] {
  const counts = new Map(day.series.map((stretch) => [Date.parse(stretch.at), ended(stretch.endings)]));
  const first = Math.floor((now - PAST) / HOUR) * HOUR;
  const points: Point[] = [];
  for (let from = first; from < now; from += HOUR) {
    // The hour that goes on is told by as much of it as is over.
    const to = Math.min(from + HOUR, now);
    const minutes = Math.max((to - from) / 60_000, 5);
    points.push({ from: Math.max(from, now - PAST), to, rate: (counts.get(from) ?? 0) / minutes, planned: false });
  }
  return points;
}

function plan(upcoming: Upcoming | undefined, now: number): Point[] {
  if (!upcoming) return [];
  const counts = new Map(upcoming.hours.map((hour) => [Date.parse(hour.at), hour.ticks + hour.scheduled + hour.retrying]));
  const end = Math.min(Date.parse(upcoming.until), now + AHEAD);
  const points: Point[] = [];
  for (let hour = Math.floor(now / HOUR) * HOUR; hour < end; hour += HOUR) {
    const [from, to] = [Math.max(hour, now), Math.min(hour + HOUR, end)];
    const minutes = Math.max((to - from) / 60_000, 15);
    points.push({ from, to, rate: (counts.get(hour) ?? 0) / minutes, planned: true });
  }
  return points;
}

function high(upcoming: Upcoming | undefined, slots: number): Tide["high"] {
  const busiest = upcoming?.hours.reduce<Upcoming["hours"][number] | undefined>(
    (most, hour) => (hour.work > (most?.work ?? 0) ? hour : most),
    undefined,
  );
  return busiest && slots > 0 ? { at: Date.parse(busiest.at), share: busiest.work / (slots * 3_600) } : undefined;
}
