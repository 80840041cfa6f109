import { expect, test } from "vitest";

import { readAttempts, readDead, readEvents, readFailures, readFigures, readJob, readList, readSearch, switches, tabOf } from "./seen";

test("what makes no sense in a URL is left out", () => {
  const nonsense = { tab: "no", view: 7, state: ["no"], sort: "x", level: "loud", attempt: -1, line: 1.5, worker: "x", since: "-2h", event: -3, step: "year", result: "maybe", cols: "a", size: 26 };
  for (const read of [readAttempts, readDead, readEvents, readFailures, readFigures, readJob, readList, readSearch, tabOf("rules")]) {
    expect(Object.keys(read(nonsense))).toEqual([]);
  }
});

test("names that are all digits are names", () => {
  expect(readAttempts({ queue: 42, worker: 7 })).toEqual({ queue: "42", worker: 7 });
  expect(readList({ queue: 42, task: "a,b", q: 7 })).toEqual({ queue: ["42"], task: ["a", "b"], q: "7" });
  expect(readFailures({ task: 42 })).toEqual({ task: "42" });
  expect(readJob({ find: 503, attempt: 2 })).toEqual({ find: "503", attempt: 2 });
});

test("a page has one of a few sizes, and the usual one goes without", () => {
  expect([25, 50, 200, "50"].map((size) => readList({ size }))).toEqual([{}, { size: 50 }, { size: 200 }, {}]);
});

test("a place in a list of events may be the first", () => {
  expect(readEvents({ after: 0, event: "12" })).toEqual({ after: 0, event: 12 });
});

test("a switch is on or not there", () => {
  expect(switches({ table: true, before: "yes" }, "table", "before")).toEqual({ table: true });
});

test("the order of figures is one of a few words, and the usual one goes without", () => {
  expect(["failed", "p50", "p95", "mean", "ended", "p99"].map((sort) => readFigures({ sort }))).toEqual([{ sort: "failed" }, { sort: "p50" }, { sort: "p95" }, { sort: "mean" }, {}, {}]);
});
