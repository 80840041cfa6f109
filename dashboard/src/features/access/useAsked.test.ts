import { act, renderHook } from "@testing-library/react";
import { expect, test } from "vitest";

import { useAsked } from "./useAsked";

test("what one is asked about stays as it was seen, and is the latest again afterwards", () => {
  const { result, rerender } = renderHook((user: { version: number }) => useAsked<{ version: number }, "change">(user), { initialProps: { version: 1 } });
  rerender({ version: 2 });
  expect(result.current.subject.version).toBe(2);
  act(() => result.current.ask("change"));
  rerender({ version: 3 });
  expect([result.current.verb, result.current.subject.version]).toEqual(["change", 2]);
  act(() => result.current.close());
  expect([result.current.verb, result.current.subject.version]).toEqual([undefined, 3]);
});
