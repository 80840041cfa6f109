/** Clocks on walls: what they show in a zone, and what happens when they are changed. */

export const HOUR = 3_600_000;
const LOOK = 3 * HOUR;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(zone: string): Intl.DateTimeFormat {
  let found = formats.get(zone);
  if (!found) {
    found = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    formats.set(zone, found);
  }
  return found;
}

/** What the clock shows, as `2026-11-29T14:05:00`. */
export function wallAt(zone: string, at: number): string {
  const parts: Record<string, string> = {};
  for (const part of format(zone).formatToParts(at)) parts[part.type] = part.value;
  return `${parts["year"]}-${parts["month"]}-${parts["day"]}T${parts["hour"]}:${parts["minute"]}:${parts["second"]}`;
}

/** How far the zone's clock is before UTC, in milliseconds. */
export function offsetAt(zone: string, at: number): number {
  return Date.parse(`${wallAt(zone, at)}Z`) - Math.floor(at / 1_000) * 1_000;
}

/** The moment at which the clock shows this; the first of two, and the end of a gap's other side. */
export function instantOf(zone: string, wall: string): number | undefined {
  const asUtc = Date.parse(`${wall.length === 16 ? `${wall}:00` : wall}Z`);
  if (Number.isNaN(asUtc)) return undefined;
  const early = asUtc - offsetAt(zone, asUtc - 24 * HOUR);
  const late = asUtc - offsetAt(zone, asUtc + 24 * HOUR);
  const meant = [Math.min(early, late), Math.max(early, late)].find((at) => at + offsetAt(zone, at) === asUtc);
  return meant ?? Math.max(early, late);
}

/** Midnights of so many days in a row, from the day of a moment on, and the one behind them. */
export function daysFrom(zone: string, at: number, count: number): number[] {
  const [year, month, day] = wallAt(zone, at).slice(0, 10).split("-").map(Number) as [number, number, number];
  return Array.from({ length: count + 1 }, (_, number) => {
    const date = new Date(Date.UTC(year, month - 1, day + number)).toISOString().slice(0, 10);
    return instantOf(zone, `${date}T00:00`) ?? at;
  });
}

/** The moment at which the clock is changed between two others, to the minute. */
export function changeBetween(zone: string, from: number, to: number): number | undefined {
  const offset = offsetAt(zone, from);
  if (offsetAt(zone, to) === offset) return undefined;
  let early = from;
  let late = to;
  while (late - early > 1_000) {
    const middle = Math.floor((early + late) / 2_000) * 1_000;
    if (offsetAt(zone, middle) === offset) early = middle;
    else late = middle;
  }
  return late;
}

/** What a change of the clock means for one of several runs. */
export type ClockNote = "once" | "first" | "second" | "moved" | "back" | "forward";

/**
 * What is odd about a run: `once`, its time comes twice and it runs the first time only; `first` and
 * `second`, it runs both times; `moved`, its time does not exist and it runs behind the gap; `back`
 * and `forward`, the clock was changed since the run before.
 */
export function clockNote(zone: string, runs: readonly number[], which: number, elapsed: boolean): ClockNote | undefined {
  const at = runs[which];
  if (at === undefined) return undefined;
  const offset = offsetAt(zone, at);
  const lost = offset - offsetAt(zone, at + LOOK);
  if (lost > 0 && offsetAt(zone, at + lost) === offset - lost) return runs.includes(at + lost) ? "first" : "once";
  const gone = offsetAt(zone, at - LOOK) - offset;
  if (gone > 0 && offsetAt(zone, at - gone) === offset + gone) return elapsed ? "second" : undefined;
  if (!elapsed && offsetAt(zone, at - 1_000) < offset) return "moved";
  const before = runs[which - 1];
  const was = before === undefined ? offset : offsetAt(zone, before);
  return was === offset ? undefined : was > offset ? "back" : "forward";
}

/** Whether a pattern follows elapsed time through changes of the clock, as the server has it. */
export function followsElapsed(pattern: string): boolean {
  const words = pattern.trim().split(/\s+/);
  const [minute, hour] = words.length === 6 ? words.slice(1) : words;
  return pattern === "" || minute?.startsWith("*") === true || hour?.startsWith("*") === true || pattern.trim() === "@hourly";
}

/** The names of all zones. */
export function zones(): string[] {
  const known = Intl.supportedValuesOf("timeZone");
  return known.includes("UTC") ? known : ["UTC", ...known];
}
