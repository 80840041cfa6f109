import { renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { gathered, useGathered } from "./gather";

const row = (id: string, state = "waiting") => ({ id, state });

test("rows stay where they are, as they are now, and new ones are counted", () => {
  const { rows, fresh } = gathered([row("b"), row("a")], [row("d"), row("c"), row("b", "running")]);
  expect(rows).toEqual([row("b", "running"), row("a")]);
  expect(fresh).toBe(2);
});

test("nothing new is nothing to show", () => {
  expect(gathered([row("a")], [row("a")]).fresh).toBe(0);
});

test("whoever is busy with a page of a list and asks for the next one gets it", () => {
  const first = [row("d"), row("c")];
  const { result, rerender } = renderHook(({ rows, place }) => useGathered(rows, true, place), {
    initialProps: { rows: first, place: "newest" as string | undefined },
  });
  // Until the next page has come, its rows are those of the one before.
  rerender({ rows: first, place: undefined });
  expect(result.current.rows).toEqual(first);
  rerender({ rows: [row("b"), row("a")], place: "older" });
  expect(result.current.rows).toEqual([row("b"), row("a")]);
  expect(result.current.fresh).toBe(0);
});
