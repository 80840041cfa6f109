import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { gathered, useGathered } from "./gather";

const row = (id: string, state = "waiting") => ({ id, state });
const keyOf = (each: { id: string }) => each.id;

function listed(rows: readonly { id: string; state: string }[], held: boolean, place: string | undefined = "here") {
  return renderHook((next) => useGathered(next.rows, keyOf, next.held, next.place), { initialProps: { rows, held, place } });
}

test("rows stay where they are, as they are now, and new ones are counted", () => {
  const { rows, fresh, more } = gathered([row("b"), row("a")], [row("d"), row("c"), row("b", "running")], keyOf);
  expect(rows).toEqual([row("b", "running"), row("a")]);
  expect({ fresh, more }).toEqual({ fresh: 2, more: false });
});

test("nothing new is nothing to show", () => {
  expect(gathered([row("a")], [row("a")], keyOf)).toMatchObject({ fresh: 0, more: false });
});

test("of a whole page of new ones it is said that there may be more", () => {
  expect(gathered([row("b"), row("a")], [row("d"), row("c")], keyOf)).toMatchObject({ fresh: 2, more: true });
});

test("what is new is shown at once while nobody is there, and waits while somebody is", () => {
  const { result, rerender } = listed([row("a")], false);
  const two = [row("b"), row("a")];
  rerender({ rows: two, held: false, place: "here" });
  expect(result.current.rows).toBe(two);
  const three = [row("c"), ...two];
  rerender({ rows: three, held: true, place: "here" });
  expect(result.current).toMatchObject({ rows: two, fresh: 1 });
  act(() => result.current.show());
  expect(result.current).toMatchObject({ rows: three, fresh: 0 });
});

test("a list that was empty fills, held or not", () => {
  const { result, rerender } = listed([], true);
  rerender({ rows: [row("a")], held: true, place: "here" });
  expect(result.current.rows).toEqual([row("a")]);
});

test("whoever is busy with a page of a list and asks for the next one gets it", () => {
  const first = [row("d"), row("c")];
  const { result, rerender } = renderHook(({ rows, place }) => useGathered(rows, keyOf, true, place), {
    initialProps: { rows: first, place: "newest" as string | undefined },
  });
  // Until the next page has come, its rows are those of the one before.
  rerender({ rows: first, place: undefined });
  expect(result.current.rows).toEqual(first);
  rerender({ rows: [row("b"), row("a")], place: "older" });
  expect(result.current.rows).toEqual([row("b"), row("a")]);
  expect(result.current.fresh).toBe(0);
});
