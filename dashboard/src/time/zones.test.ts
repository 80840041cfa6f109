import { describe as group, expect, test } from "vitest";

import { changeBetween, clockNote, daysFrom, followsElapsed, instantOf, offsetAt, wallAt } from "./zones";

const LISBON = "Europe/Lisbon";
const at = (text: string) => Date.parse(text);

group("clocks", () => {
  test("show what they show", () => {
    expect(wallAt("Asia/Kolkata", at("2026-11-29T00:00:00Z"))).toBe("2026-11-29T05:30:00");
    expect(offsetAt("America/New_York", at("2026-07-01T00:00:00Z"))).toBe(-4 * 3_600_000);
  });

  test("are read back, also where a time comes twice or not at all", () => {
    expect(instantOf("Australia/Sydney", "2026-11-29T08:00")).toBe(at("2026-11-28T21:00:00Z"));
    expect(instantOf(LISBON, "2026-10-25T01:30")).toBe(at("2026-10-25T00:30:00Z"));
    expect(instantOf(LISBON, "2026-03-29T01:30")).toBe(at("2026-03-29T01:30:00Z"));
    expect(instantOf(LISBON, "nonsense")).toBeUndefined();
  });

  test("make days of 23 and 25 hours", () => {
    const [first, second] = daysFrom(LISBON, at("2026-10-25T12:00:00Z"), 1) as [number, number];
    expect((second - first) / 3_600_000).toBe(25);
    expect(changeBetween(LISBON, first, second)).toBe(at("2026-10-25T01:00:00Z"));
    expect(changeBetween(LISBON, second, second + 3_600_000)).toBeUndefined();
  });
});

group("what a change of the clock means for a run", () => {
  const notes = (runs: string[], elapsed = false) => runs.map((_, which) => clockNote(LISBON, runs.map(at), which, elapsed));

  test("a fixed time that comes twice runs once", () => {
    expect(notes(["2026-10-24T00:30:00Z", "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z"])).toEqual([undefined, "once", "back"]);
  });

  test("one that follows elapsed time runs in both", () => {
    expect(notes(["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"], true)).toEqual(["first", "second"]);
  });

  test("a time that does not exist comes behind the gap", () => {
    expect(notes(["2026-03-28T01:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z"])).toEqual([undefined, "moved", undefined]);
  });

  test("patterns that follow elapsed time are known", () => {
    expect(["*/5 * * * *", "0 * * * *", "0 2 * * *", "0 0 2 * * *", "@hourly", "@daily"].map(followsElapsed)).toEqual([true, true, false, false, true, false]);
  });
});
