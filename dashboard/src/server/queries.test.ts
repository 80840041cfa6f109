import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { client, refresh } from "./queries";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.runAllTimers();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("what has become stale is asked anew at once, and then no more often than is calm", () => {
  vi.advanceTimersByTime(10_000);
  const asked = vi.spyOn(client, "invalidateQueries");
  refresh(["jobs"], 1_000);
  refresh(["job"], 1_000);
  vi.advanceTimersByTime(100);
  expect(asked).toHaveBeenCalledTimes(1);
  refresh(["jobs"], 1_000);
  vi.advanceTimersByTime(800);
  expect(asked).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(200);
  expect(asked).toHaveBeenCalledTimes(2);
});
