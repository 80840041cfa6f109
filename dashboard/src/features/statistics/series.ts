/** Figures over time as points, and the marks beside them. */

import { LENGTH, type Stretch } from "../../server/statistics";
import type { Step } from "../../server/seen";

export interface Points {
  name: string;
  values: (number | null)[];
  /** How its line is broken, so that colour is not all that tells it from others. */
  dash?: string;
  colour: string;
  /** Whether nothing is drawn while it stays at zero. */
  rests?: boolean;
}

/** The beginnings of the stretches from the first to the last, each once. */
export function beginnings(since: number, until: number, step: Step): number[] {
  const length = LENGTH[step];
  const first = since - (since % length);
  return Array.from({ length: Math.max(1, Math.ceil((until - first) / length)) }, (_, number) => first + number * length);
}

/** One value of each stretch, `otherwise` where nothing ended in it. */
export function valuesOf(series: readonly Stretch[], at: readonly number[], back: number, value: (stretch: Stretch) => number | null, otherwise: number | null): (number | null)[] {
  const known = new Map(series.map((stretch) => [Date.parse(stretch.at) + back, stretch]));
  return at.map((moment) => {
    const stretch = known.get(moment);
    return stretch === undefined ? otherwise : value(stretch);
  });
}

export function total(endings: Readonly<Record<string, number>>): number {
  return Object.values(endings).reduce((sum, each) => sum + each, 0);
}

export function unhappy(endings: Readonly<Record<string, number>>): number {
  return ["failed", "timed_out", "crashed", "abandoned"].reduce((sum, name) => sum + (endings[name] ?? 0), 0);
}

/** A share as it is written. */
export function rate(share: number | null): string {
  return share === null ? "–" : `${Math.round(share * 1_000) / 10} %`;
}

/** Round numbers from nothing to at least the largest, at most five of them. */
export function ticksOf(largest: number): number[] {
  if (!(largest > 0)) return [0, 1];
  const rough = largest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? power * 10;
  return Array.from({ length: Math.ceil(largest / step - 1e-9) + 1 }, (_, number) => number * step);
}

/** The values without those that stay at zero. */
export function raised(values: readonly (number | null)[]): (number | null)[] {
  return values.map((value, number) => (value === 0 && !values[number - 1] && !values[number + 1] ? null : value));
}

/** A line through the points; where one is missing it stops and begins anew. */
export function pathOf(values: readonly (number | null)[], largest: number, width: number, height: number): string {
  const place = placed(values, largest, width, height);
  return values.map((value, number) => (value === null || isAlone(values, number) ? "" : `${(values[number - 1] ?? null) === null ? "M" : "L"}${place(value, number)}`)).join("");
}

/** The points that no line reaches, each as a place for a dot. */
export function dotsOf(values: readonly (number | null)[], largest: number, width: number, height: number): string {
  const place = placed(values, largest, width, height);
  return values.map((value, number) => (value !== null && isAlone(values, number) ? `M${place(value, number)}h0` : "")).join("");
}

function placed(values: readonly unknown[], largest: number, width: number, height: number) {
  const across = values.length > 1 ? width / (values.length - 1) : 0;
  return (value: number, number: number) => `${(number * across).toFixed(1)} ${(height - (value / largest) * height).toFixed(1)}`;
}

function isAlone(values: readonly (number | null)[], number: number): boolean {
  return (values[number - 1] ?? null) === null && (values[number + 1] ?? null) === null;
}
