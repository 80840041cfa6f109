import { expect, test } from "vitest";

import { gathered } from "./gather";

const row = (id: string, state = "waiting") => ({ id, state });

test("rows stay where they are, as they are now, and new ones are counted", () => {
  const { rows, fresh } = gathered([row("b"), row("a")], [row("d"), row("c"), row("b", "running")]);
  expect(rows).toEqual([row("b", "running"), row("a")]);
  expect(fresh).toBe(2);
});

test("nothing new is nothing to show", () => {
  expect(gathered([row("a")], [row("a")]).fresh).toBe(0);
});
