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
}

export function inWords(millis: number, units: Units): string {
  const length = Math.max(0, millis);
  if (length < SECOND) return `${Math.round(length)} ${units.ms}`;
  if (length < 10 * SECOND) return `${(Math.floor(length / 100) / 10).toString()} ${units.s}`;
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
