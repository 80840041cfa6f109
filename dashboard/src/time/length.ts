/** Lengths of time in words, short: `640 ms`, `3.1 s`, `2 m 10 s`, `4 h`, `3 d`. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export interface Units {
  ms: string;
  s: string;
  m: string;
  h: string;
  d: string;
  /** What stands before tenths. */
  point?: string;
}

export function inWords(millis: number, units: Units): string {
  const length = Math.max(0, millis);
  if (length < SECOND) return `${Math.round(length)} ${units.ms}`;
  if (length < 10 * SECOND) return `${String(Math.floor(length / 100) / 10).replace(".", units.point ?? ".")} ${units.s}`;
  if (length < MINUTE) return `${Math.floor(length / SECOND)} ${units.s}`;
  if (length < HOUR) return two(length, MINUTE, units.m, SECOND, units.s);
  if (length < DAY) return two(length, HOUR, units.h, MINUTE, units.m);
  return two(length, DAY, units.d, HOUR, units.h);
}

function two(length: number, large: number, name: string, small: number, rest: string): string {
  const whole = Math.floor(length / large);
  const left = Math.floor((length % large) / small);
  return left && whole < 10 ? `${whole} ${name} ${left} ${rest}` : `${whole} ${name}`;
}

/** Roughly how long, in one unit. */
export function roughly(millis: number, units: Units): string {
  const length = Math.max(0, millis);
  if (length < MINUTE) return `${Math.floor(length / SECOND)} ${units.s}`;
  if (length < HOUR) return `${Math.floor(length / MINUTE)} ${units.m}`;
  if (length < 2 * DAY) return `${Math.floor(length / HOUR)} ${units.h}`;
  return `${Math.floor(length / DAY)} ${units.d}`;
}

const PARTS: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };

/** The seconds of a length as it is written: `90`, `5m`, `1h30m`; `undefined`: it is none. */
export function secondsOf(written: string): number | undefined {
  const said = written.trim().replaceAll(/\s+/g, "");
  if (/^\d+(\.\d+)?$/.test(said)) return Number(said);
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(said)) return undefined;
  let sum = 0;
  for (const [, count, unit] of said.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) sum += Number(count) * (PARTS[unit ?? ""] ?? 0);
  return sum / SECOND;
}

/** Seconds as they are written in a form: `300` is `5m`, `5400` is `1h30m`. */
export function asWritten(seconds: number): string {
  let left = Math.round(seconds * SECOND);
  const parts = (["d", "h", "m", "s", "ms"] as const).map((unit) => {
    const size = PARTS[unit] ?? 1;
    const count = Math.floor(left / size);
    left -= count * size;
    return count ? `${count}${unit}` : "";
  });
  return parts.join("") || "0";
}
