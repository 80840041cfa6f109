import { expect, test } from "vitest";

import { meantBy, numbered, written } from "./lines";

const said = (level: string, message: string, fields = {}) => ({ level, message, fields, at: "2026-11-30T08:00:00.000Z" });
const LINES = numbered([said("info", "began"), said("warning", "slow", { host: "Acme" }), said("error", "gave up")]);

test("lines below the level are left out, the others keep their numbers", () => {
  expect(meantBy(LINES, { level: "warning" }).map((each) => each.number)).toEqual([2, 3]);
});

test("a text is found in what is said and in its fields, in either case", () => {
  expect(meantBy(LINES, { find: "acme" }).map((each) => each.number)).toEqual([2]);
  expect(meantBy(LINES, { find: "GAVE", level: "error" }).map((each) => each.number)).toEqual([3]);
});

test("a text is found across changes of colour, and the sequences themselves are not", () => {
  const lines = numbered([said("info", "12 \u001b[31mfai\u001b[1mled\u001b[0m jobs"), said("info", "31 others")]);
  expect(meantBy(lines, { find: "12 failed jobs" }).map((each) => each.number)).toEqual([1]);
  expect(meantBy(lines, { find: "31" }).map((each) => each.number)).toEqual([2]);
});

test("what is saved as a file is as it was said", () => {
  expect(written([said("info", "\u001b[31mred\u001b[0m\u001b[2K")])).toBe("2026-11-30T08:00:00.000Z info     \u001b[31mred\u001b[0m\u001b[2K\n");
});
