import { expect, test } from "vitest";

import { meantBy } from "./lines";

const line = (number: number, level: string, message: string, fields = {}) => ({ number, level, message, fields, at: "2026-11-30T08:00:00.000Z" });
const LINES = [line(1, "info", "began"), line(2, "warning", "slow", { host: "Acme" }), line(3, "error", "gave up")];

test("lines below the level are left out, the others keep their numbers", () => {
  expect(meantBy(LINES, { level: "warning" }).map((each) => each.number)).toEqual([2, 3]);
});

test("a text is found in what is said and in its fields, in either case", () => {
  expect(meantBy(LINES, { find: "acme" }).map((each) => each.number)).toEqual([2]);
  expect(meantBy(LINES, { find: "GAVE", level: "error" }).map((each) => each.number)).toEqual([3]);
});
