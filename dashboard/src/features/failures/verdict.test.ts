import { expect, test } from "vitest";

import type { State } from "../../design/states";
import { endingOf, verdict } from "./verdict";

const judged = (...states: (State | undefined)[]) => verdict(states.map((state) => endingOf(state && { state })));

test("the others go when all have passed", () => {
  expect(judged("completed", "completed")).toBe("go");
});

test.each(["waiting", "running", "scheduled", "blocked"] as const)("they wait while one is %s", (state) => {
  expect(judged("completed", state)).toBe("wait");
});

test.each(["failed", "cancelled", "retrying", undefined] as const)("they stay when one is %s", (state) => {
  expect(judged("completed", "running", state)).toBe("stop");
});
