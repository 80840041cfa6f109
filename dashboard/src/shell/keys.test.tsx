import { fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { Keyed, useKeys, useSingleKeys, useVerbs } from "./keys";
import { useRows } from "./useRows";

beforeEach(() => localStorage.clear());
afterEach(() => vi.useRealTimers());

function Page({ act }: { act: (pressed: string) => void }) {
  const { on, turn } = useKeys();
  useSingleKeys((pressed) => () => act(pressed), "g");
  return (
    <>
      <button type="button" onClick={() => turn(!on)}>
        switch
      </button>
      <input aria-label="field" />
    </>
  );
}

const press = (key: string, at: Element = document.body, more = {}) => fireEvent.keyDown(at, { key, ...more });

test("a single key acts; g waits for the one that follows", () => {
  const act = vi.fn();
  render(<Keyed><Page act={act} /></Keyed>);
  press("t");
  press("g");
  press("j");
  press("j");
  expect(act.mock.calls.flat()).toEqual(["t", "g j", "j"]);
});

test("a key that comes long after g is one by itself", () => {
  vi.useFakeTimers();
  const act = vi.fn();
  render(<Keyed><Page act={act} /></Keyed>);
  press("g");
  vi.advanceTimersByTime(5_000);
  press("j");
  expect(act.mock.calls.flat()).toEqual(["j"]);
});

test("keys in fields, and those with Ctrl, are somebody else's", () => {
  const act = vi.fn();
  render(<Keyed><Page act={act} /></Keyed>);
  press("t", screen.getByLabelText("field"));
  press("t", document.body, { ctrlKey: true });
  expect(act).not.toHaveBeenCalled();
});

test("switched off, no single key is heard by anybody, and it stays so", () => {
  const act = vi.fn();
  const other = vi.fn();
  addEventListener("keydown", other);
  const { unmount } = render(<Keyed><Page act={act} /></Keyed>);
  fireEvent.click(screen.getByText("switch"));
  press("t");
  expect(act).not.toHaveBeenCalled();
  expect(other).not.toHaveBeenCalled();
  press("Enter");
  press("k", document.body, { ctrlKey: true });
  press("t", screen.getByLabelText("field"));
  expect(other).toHaveBeenCalledTimes(3);
  unmount();
  render(<Keyed><Page act={act} /></Keyed>);
  press("t");
  expect(act).not.toHaveBeenCalled();
  removeEventListener("keydown", other);
});

test("verbs are offered as long as their page is there", () => {
  const found: string[][] = [];
  const Verbs = () => {
    useVerbs([{ name: "Retry", act: () => undefined }]);
    return null;
  };
  const Look = () => {
    const { verbs } = useKeys();
    return <button type="button" onClick={() => found.push(verbs().map((each) => each.name))}>look</button>;
  };
  const { rerender } = render(<Keyed><Look /><Verbs /></Keyed>);
  fireEvent.click(screen.getByText("look"));
  rerender(<Keyed><Look /></Keyed>);
  fireEvent.click(screen.getByText("look"));
  expect(found).toEqual([["Retry"], []]);
});

test("j and k go through rows and stop at their ends, x chooses, Enter opens", () => {
  const open = vi.fn();
  const choose = vi.fn();
  const List = () => <output>{useRows({ keys: ["a", "b"], open, choose }) ?? "none"}</output>;
  render(<Keyed><List /></Keyed>);
  press("x");
  expect(screen.getByText("none")).toBeDefined();
  for (const key of ["j", "j", "j"]) press(key);
  expect(screen.getByText("1")).toBeDefined();
  press("X", document.body, { shiftKey: true });
  press("k");
  press("Enter");
  expect(choose.mock.calls).toEqual([[1, true]]);
  expect(open.mock.calls).toEqual([[0]]);
});

test("one stays on one's row when others come above it, and near it when it goes", () => {
  const List = ({ keys }: { keys: string[] }) => <output>{useRows({ keys }) ?? "none"}</output>;
  const at = (keys: string[]) => <Keyed><List keys={keys} /></Keyed>;
  const { rerender } = render(at(["a", "b", "c"]));
  press("j");
  press("j");
  rerender(at(["new", "a", "b", "c"]));
  expect(screen.getByText("2")).toBeDefined();
  rerender(at(["a"]));
  expect(screen.getByText("0")).toBeDefined();
  rerender(at([]));
  expect(screen.getByText("none")).toBeDefined();
});
