import { act, renderHook } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { noticed, useLost } from "./contact";

afterEach(() => vi.useRealTimers());

test("what cannot be reached is as old as its last answer, until there is one", () => {
  vi.useFakeTimers({ now: 1_000 });
  noticed(200);
  const { result } = renderHook(() => useLost());
  expect(result.current).toBeUndefined();
  vi.setSystemTime(9_000);
  act(() => noticed(undefined));
  expect(result.current).toBe(1_000);
  act(() => noticed(404));
  expect(result.current).toBeUndefined();
});

test.each([502, 503, 504])("a proxy that answers %s for it has not reached it", (status) => {
  noticed(200);
  const { result } = renderHook(() => useLost());
  act(() => noticed(status));
  expect(result.current).toBeDefined();
});
