import { expect, test } from "vitest";

import { en } from "../../i18n/en";
import type { Attempt, Job } from "../../server/jobs";
import { storyOf } from "./story";

const T0 = Date.parse("2026-11-30T08:00:00Z");
const at = (seconds: number) => new Date(T0 + seconds * 1_000).toISOString();
const tried = (number: number, from: number, to: number, message: string): Attempt => ({
  number,
  worker: 7,
  started_at: at(from),
  ended_at: at(to),
  ending: "failed",
  error: { kind: "ConnectTimeout", message, traceback: "" },
});
const job = (more: Partial<Job>): Job =>
  ({ state: "failed", created_at: at(0), ready_at: at(0), started_at: at(500), finished_at: at(542), attempt: 3, duration: 42, reason: "", error: null, attempts: [], ...more }) as Job;

test("a failed job says how long it waited, how often it failed, and whether it was the same error", () => {
  const attempts = [tried(1, 1.8, 2, "no"), tried(2, 200, 201, "no"), tried(3, 500, 542, "no")];
  expect(storyOf(job({ attempts }), en, T0)).toBe("It waited 1.8 s, then failed 3 times in 9 m with the same error.");
  const others = [tried(1, 1.8, 2, "no"), tried(2, 200, 201, "never")];
  expect(storyOf(job({ attempts: others }), en, T0)).toContain("not always with the same error");
});

test("one that waits says since when, and one that is planned when it is due", () => {
  expect(storyOf(job({ state: "waiting" }), en, T0 + 5_000)).toBe("It has waited 5 s so far.");
  expect(storyOf(job({ state: "scheduled", ready_at: at(90) }), en, T0)).toBe("It is due in 1 m 30 s.");
});

test("a completed one that needed several attempts says so", () => {
  const told = storyOf(job({ state: "completed", attempt: 2, duration: 3, attempts: [tried(1, 2, 3, "no")] }), en, T0);
  expect(told).toBe("It waited 2 s, then ran 3 s and came through at attempt 2.");
});
