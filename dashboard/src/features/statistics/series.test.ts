import { expect, test } from "vitest";

import { statistics as german } from "../../i18n/de/statistics";
import { statistics as english } from "../../i18n/en/statistics";
import type { Stretch } from "../../server/statistics";
import { beginnings, dotsOf, pathOf, raised, ticksOf, valuesOf } from "./series";

const MINUTE = 60_000;

test("stretches in which nothing ended are there, too", () => {
  const at = beginnings(MINUTE * 10 + 5, MINUTE * 13, "minute");
  expect(at).toEqual([10, 11, 12].map((each) => each * MINUTE));
  const series = [{ at: new Date(11 * MINUTE).toISOString(), endings: { completed: 3 } } as unknown as Stretch];
  expect(valuesOf(series, at, 0, (each) => each.endings["completed"] ?? 0, 0)).toEqual([0, 3, 0]);
});

test("the week before lies under the days of this one", () => {
  const week = 7 * 24 * 60 * MINUTE;
  const series = [{ at: new Date(11 * MINUTE).toISOString(), endings: { completed: 3 } } as unknown as Stretch];
  expect(valuesOf(series, [11 * MINUTE + week], week, (each) => each.endings["completed"] ?? 0, 0)).toEqual([3]);
});

test("the marks are round, and the largest value is below the last one", () => {
  expect(ticksOf(7)).toEqual([0, 2, 4, 6, 8]);
  expect(ticksOf(0.3)).toEqual([0, 0.1, 0.2, 0.30000000000000004]);
  expect(ticksOf(0)).toEqual([0, 1]);
});

test("a line stops where nothing is known", () => {
  expect(pathOf([1, null, 0, 1], 1, 30, 10)).toBe("M20.0 10.0L30.0 0.0");
});

test("what stays at zero is not drawn, but for where it leaves it and comes back", () => {
  expect(raised([0, 0, 0, 4, 0, 0])).toEqual([null, null, 0, 4, 0, null]);
});

test("a point that no line reaches is a dot", () => {
  expect(dotsOf([1, null, 0, 1], 1, 30, 10)).toBe("M0.0 0.0h0");
  expect(dotsOf([1], 1, 30, 10)).toBe("M0.0 0.0h0");
  expect(dotsOf([0, 1, null, null], 1, 30, 10)).toBe("");
});

test("the week before is told by how much more or fewer it was than this one", () => {
  expect([english.against(20, 90), english.against(100, 50), english.against(7, 7)]).toEqual([
    "A week before it was 90: 350 % more.",
    "A week before it was 50: 50 % fewer.",
    "A week before it was 7: as many.",
  ]);
  expect(german.against(20, 90)).toBe("In der Woche davor waren es 90: 350 % mehr.");
});
