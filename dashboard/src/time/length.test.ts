import { expect, test } from "vitest";

import { asWritten, secondsOf } from "./length";

test.each([
  ["90", 90],
  ["5m", 300],
  ["1h30m", 5_400],
  [" 1h 30m ", 5_400],
  ["250ms", 0.25],
  ["0", 0],
])("%s is a length", (written, seconds) => expect(secondsOf(written)).toBe(seconds));

test.each(["", "soon", "5 minutes", "-5m", "5m x", "m5"])("%s is none", (written) => expect(secondsOf(written)).toBeUndefined());

test.each([0, 0.25, 59, 300, 5_400, 90_061])("%s seconds are read as they are written", (seconds) =>
  expect(secondsOf(asWritten(seconds))).toBe(seconds),
);
