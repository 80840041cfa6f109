import { expect, test } from "vitest";

import { cell } from "./export";

test.each(["=1+1", "+SUM(A1)", "@x", "-cmd|'/c calc'!A0", " =1", "\t=1"])("%j is text to a spreadsheet", (value) => {
  expect(cell(value).replace(/^"/, "")).toMatch(/^'/);
});

test("numbers stay numbers, and what would end a cell is quoted", () => {
  expect(cell("-12.5")).toBe("-12.5");
  expect(cell('a "b", c\nd')).toBe('"a ""b"", c\nd"');
});
