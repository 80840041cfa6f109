import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { held, useHeld } from "./useHeld";

const rows = (...positions: number[]) => positions.map((position) => ({ position }));

test("what is new is shown at once while nobody is there", () => {
  expect(held(rows(2, 1), rows(3, 2, 1), false)).toEqual({ rows: rows(3, 2, 1), fresh: 0, more: false });
});

test("what is new waits while somebody is", () => {
  expect(held(rows(2, 1), rows(4, 3, 2), true)).toEqual({ rows: rows(2, 1), fresh: 2, more: false });
});

test("of a whole page of new ones it is said that there may be more", () => {
  expect(held(rows(2, 1), rows(9, 8), true)).toMatchObject({ fresh: 2, more: true });
});

test("a list that was empty fills, held or not", () => {
  expect(held([], rows(1), true).rows).toEqual(rows(1));
});

test("the new ones come when asked for, and something else at once", () => {
  const { result, rerender } = renderHook(({ found, about }) => useHeld(found, true, about), {
    initialProps: { found: rows(1), about: "a" },
  });
  rerender({ found: rows(2, 1), about: "a" });
  expect(result.current.rows).toEqual(rows(1));
  expect(result.current.fresh).toBe(1);
  act(() => result.current.release());
  expect(result.current.rows).toEqual(rows(2, 1));
  expect(result.current.fresh).toBe(0);
  rerender({ found: rows(7), about: "b" });
  expect(result.current.rows).toEqual(rows(7));
});
