import { describe as group, expect, test } from "vitest";

import { crowdAt } from "./crowd";
import { empty, fieldsIn, newOf, rulesOf, rulesSaid, wrongIn } from "./draft";

const at = (clock: string) => `2026-11-30T${clock}:00.000Z`;
const planned = (name: string, ...clocks: string[]) => ({ name, task: "t", ticks: clocks.map(at), more: false });
const ZONES = ["UTC", "Europe/Lisbon"];

group("what else starts at a minute", () => {
  const noon = Date.parse(at("12:00"));

  test("is counted without itself, and the nearest free minute is found", () => {
    const plan = [planned("own", "12:00"), planned("one", "12:00"), planned("two", "12:00", "12:01"), planned("three", "11:59")];
    expect(crowdAt(noon, plan, "own")).toEqual({ count: 2, free: Date.parse(at("12:02")) });
    expect(crowdAt(noon, [planned("own", "12:00")], "own")).toEqual({ count: 0, free: undefined });
  });

  test("leaves out what comes all the time", () => {
    const every = Array.from({ length: 61 }, (_, minute) => new Date(noon + (minute - 30) * 60_000).toISOString());
    const plan = [{ name: "heartbeat", task: "t", ticks: every, more: false }, planned("one", "12:00")];
    expect(crowdAt(noon, plan, "")).toEqual({ count: 1, free: Date.parse(at("12:01")) });
  });
});

group("a schedule that is written", () => {
  test("tells what is wrong with it", () => {
    const draft = { ...empty("UTC"), name: "-x", tz: "Mars/Base", jitter: "soon", catchup: "2000" };
    expect(wrongIn(draft, ZONES, true)).toEqual({ name: true, task: true, tz: true, jitter: true, catchup: true });
    expect(wrongIn(empty("UTC"), ZONES, false)).toEqual({});
  });

  test("has as many attempts of such a length as one wants", () => {
    const draft = { ...empty("UTC"), name: "x", task: "t" };
    expect(newOf(draft, {})).not.toHaveProperty("timeout");
    expect(newOf({ ...draft, timeout: "90", attempts: "7" }, {})).toMatchObject({ timeout: 90, attempts: 7 });
    expect(wrongIn({ ...draft, timeout: "long", attempts: "0" }, ZONES, true)).toEqual({ timeout: true, attempts: true });
  });

  test("is sent as its rules", () => {
    expect(rulesOf({ ...empty("UTC"), line: " 0  2 * * * ", jitter: "30", catchup: "5", holidays: "au-nsw" })).toEqual({
      pattern: "0 2 * * *",
      tz: "UTC",
      overlap: "allow",
      catchup: 5,
      jitter: 30,
      business_days: false,
      holidays: "AU-NSW",
    });
    expect(rulesOf({ ...empty("UTC"), how: "every", every: "10m" })).toMatchObject({ every: 600 });
  });

  test("begins at once unless it is told not to", () => {
    expect(newOf(empty("UTC"), {})).toMatchObject({ paused: false });
    expect(newOf({ ...empty("UTC"), paused: true }, {})).toMatchObject({ paused: true });
  });

  test("keeps an emptied field in its place", () => {
    expect(fieldsIn("0  * * *")).toEqual(["0", "", "*", "*", "*"]);
    expect(fieldsIn("0   2 *   * *")).toEqual(["0", "2", "*", "*", "*"]);
    expect(fieldsIn("@daily")).toBeUndefined();
  });

  test("is not the same when its rules are others, and is when only a tick has come", () => {
    const schedule = { pattern: "0 2 * * *", every: 0, tz: "UTC", version: 1 } as Parameters<typeof rulesSaid>[0];
    expect(rulesSaid({ ...schedule, version: 2, last_at: "x" })).toBe(rulesSaid(schedule));
    expect(rulesSaid({ ...schedule, tz: "Europe/Lisbon" })).not.toBe(rulesSaid(schedule));
  });
});
