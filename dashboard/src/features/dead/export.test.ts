import { expect, test } from "vitest";

import { read } from "../../server/http";
import { csv, ndjson } from "./export";

test("a line holds one job, with its numbers to the last digit", () => {
  const rows = [{ id: "a", arguments: { n: read("12345678901234567890"), text: "two\nlines" } }, { id: "b", arguments: {} }];
  const lines = ndjson(rows).trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toContain("12345678901234567890");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ id: "a", arguments: { text: "two\nlines" } });
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "|calc", "%0A"])("%j is no formula", (evil) => {
  const [, row] = csv([{ said: evil }]).split("\r\n");
  expect(row?.replace(/^"/, "")).toMatch(/^'/);
});

test("numbers are numbers, also below zero", () => {
  expect(csv([{ n: -4 }])).toBe("n\r\n-4\r\n");
});

test("commas, quotes and line breaks stay in their cell", () => {
  expect(csv([{ a: 'say "hi", twice', b: "x\ny" }])).toBe('a,b\r\n"say ""hi"", twice","x\ny"\r\n');
});
