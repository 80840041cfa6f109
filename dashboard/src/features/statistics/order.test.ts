import { expect, test } from "vitest";

import { drift, ordered, type Ended } from "./order";

function ended(count: number, p95: number | null, mean = p95, failed = 0): Ended {
  return { endings: { completed: count - failed, crashed: failed }, success_rate: 1, run: { mean, p50: p95, p95, p99: p95 } };
}

test("the largest come first, and what is not known last", () => {
  const [quick, unknown, slow, broken] = [ended(9, 1), ended(8, null), ended(7, 30, 2), ended(6, 2, 3, 4)] as const;
  const rows = [quick, unknown, slow, broken];
  expect(ordered(rows, undefined)).toEqual(rows);
  expect(ordered(rows, "p95")).toEqual([slow, broken, quick, unknown]);
  expect(ordered(rows, "p50")).toEqual([slow, broken, quick, unknown]);
  expect(ordered(rows, "mean")).toEqual([broken, slow, quick, unknown]);
  expect(ordered(rows, "failed")).toEqual([broken, quick, unknown, slow]);
});

test("what takes half as long again or more is slower", () => {
  expect(drift(ended(20, 1.5), ended(20, 1))).toBe(1.5);
  expect(drift(ended(20, 1.49), ended(20, 1))).toBeUndefined();
  expect(drift(ended(20, 1), ended(20, 2))).toBeUndefined();
});

test("of few attempts on either side nothing is said, nor of what was not there", () => {
  expect(drift(ended(19, 9), ended(500, 1))).toBeUndefined();
  expect(drift(ended(500, 9), ended(19, 1))).toBeUndefined();
  expect(drift(ended(500, 9), undefined)).toBeUndefined();
  expect(drift(ended(500, 9), ended(500, null))).toBeUndefined();
  expect(drift(ended(500, null), ended(500, 1))).toBeUndefined();
});

test("a percentile that has crossed the edge of a bin while the mean has not moved is not slower", () => {
  expect(drift(ended(500, 1.95, 1.01), ended(500, 0.975, 0.99))).toBeUndefined();
  expect(drift(ended(500, 3, 1.1), ended(500, 1, 1))).toBe(3);
});

test("a few thousandths of a second more are chance", () => {
  expect(drift(ended(500, 0.003), ended(500, 0.001))).toBeUndefined();
  expect(drift(ended(500, 0.02), ended(500, 0.01))).toBe(2);
});
