import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { useNow } from "./clock";

beforeEach(() => void vi.useFakeTimers({ now: 10_000 }));
afterEach(() => void vi.useRealTimers());

function Clock() {
  return <time>{useNow()}</time>;
}

test("a second is told soon after it has begun", () => {
  vi.setSystemTime(10_900);
  render(<Clock />);
  act(() => void vi.advanceTimersByTime(400));
  expect(screen.getByText("11000")).toBeTruthy();
});

test("after nobody has looked at it for a while it does not tell the time of then", () => {
  render(<Clock />).unmount();
  act(() => void vi.advanceTimersByTime(6_000));
  render(<Clock />);
  expect(screen.getByText("16000")).toBeTruthy();
});
