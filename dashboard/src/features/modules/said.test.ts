import { expect, test } from "vitest";

import type { Worker } from "../../server/queues";
import { areFlat, isPausedWith, nodesOf, settingSaid } from "./said";

const worker = (name: string, modules: Record<string, string>) => ({ name, modules }) as unknown as Worker;

test("workers that include a module are told, those of another version first", () => {
  const workers = [worker("a", { tides: "2" }), worker("b", {}), worker("c", { tides: "1" }), worker("d", { moons: "2" })];
  expect(nodesOf({ module: "tides", version: "2" }, workers).map((each) => each.name)).toEqual(["c", "a"]);
});

test("settings are said as one would write them down", () => {
  expect([settingSaid("a b"), settingSaid(7), settingSaid(true), settingSaid(null)]).toEqual(["a b", "7", "true", "null"]);
  expect([areFlat({ a: 1, b: null }), areFlat({ a: {} }), areFlat({ a: [1] })]).toEqual([true, false, false]);
});

test("what the module's being disabled has paused is told from what a person has", () => {
  const tides = { module: "tides", disabled: true };
  expect(isPausedWith(tides, "module tides is disabled")).toBe(true);
  expect(isPausedWith(tides, "module tides is disabled: the moon is away")).toBe(true);
  expect(isPausedWith(tides, "module tides is disabled by me")).toBe(false);
  expect(isPausedWith(tides, "the moon is away")).toBe(false);
  expect(isPausedWith({ ...tides, disabled: false }, "module tides is disabled")).toBe(false);
});
