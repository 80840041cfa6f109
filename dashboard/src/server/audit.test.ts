import { afterEach, expect, test, vi } from "vitest";

import { exported } from "./audit";
import { readSearch } from "./seen";

afterEach(() => vi.unstubAllGlobals());

test("a search is read out of a URL, and what makes no sense is left out", () => {
  expect(readSearch({ actor: "user:ana", target: 42, result: "maybe", after: "9", action: "" })).toEqual({
    actor: "user:ana",
    target: "42",
  });
});

test("an export goes through all pages, and keeps numbers as they were written", async () => {
  const pages = [
    '{"lines":[{"position":3,"given":{"most":12345678901234567890}},{"position":2,"given":{}}],"cursor":2}',
    '{"lines":[],"cursor":1}',
    '{"lines":[{"position":1,"given":{}}],"cursor":null}',
  ];
  const asked: URL[] = [];
  vi.stubGlobal("fetch", async (url: URL) => {
    asked.push(url);
    return new Response(pages[asked.length - 1]);
  });
  const told: number[] = [];
  const lines = await exported({ actor: "user:ana" }, (count) => told.push(count), new AbortController().signal);
  expect(told).toEqual([2, 2, 3]);
  expect(lines.join("")).toContain('"most":12345678901234567890');
  expect(lines.join("").trimEnd().split("\n")).toHaveLength(3);
  expect(asked.map((url) => url.searchParams.get("cursor"))).toEqual([null, "2", "1"]);
  expect(asked.every((url) => url.searchParams.get("actor") === "user:ana")).toBe(true);
});
