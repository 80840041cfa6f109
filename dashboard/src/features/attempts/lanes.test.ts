import { expect, test } from "vitest";

import type { Tried } from "../../server/attempts";
import { lanesOf, MOST_LANES, prefixesOf } from "./lanes";

const at = (second: number) => new Date(second * 1_000).toISOString();
const tried = (worker: number, from: number, to: number | null): Tried =>
  ({ worker, queue: "q", task: "t", job: `${worker}-${from}`, number: 1, started_at: at(from), ended_at: to === null ? null : at(to) }) as Tried;

test("bars that overlap stand in rows of their own, others share one", () => {
  const { lanes } = lanesOf([tried(1, 0, 10), tried(1, 5, 8), tried(1, 12, 20)], "worker", 0, 100_000);
  expect(lanes.map((lane) => lane.rows)).toEqual([2]);
  expect(lanes[0]?.bars.map((bar) => bar.row)).toEqual([0, 1, 0]);
});

test("what runs goes on to the end, and what began before is cut at the beginning", () => {
  const { lanes } = lanesOf([tried(1, -50, null)], "worker", 0, 100_000);
  expect(lanes[0]?.bars[0]).toMatchObject({ from: 0, length: 1 });
});

test("of very many lanes those with most attempts are shown", () => {
  const many = Array.from({ length: MOST_LANES + 5 }, (_, worker) => tried(worker, 1, 2));
  const { lanes, cut } = lanesOf([...many, tried(44, 3, 4)], "worker", 0, 10_000);
  expect(lanes).toHaveLength(MOST_LANES);
  expect(lanes.map((lane) => lane.name)).toContain("44");
  expect(cut).toBe(true);
});

const tagged = (job: string, ...tags: string[]): Tried => ({ ...tried(1, 0, 1), job, tags });

test("a job stands in a lane for each of its tags that begin so, and jobs without one in one of their own", () => {
  const tries = [tagged("a", "team:red", "team:blue", "slow"), tagged("b", "team:red"), tagged("c", "region:eu"), tagged("d"), tagged("e", "teams:x")];
  const { lanes } = lanesOf(tries, "tag", 0, 10_000, "team");
  expect(lanes.map((lane) => [lane.name, lane.bars.map((bar) => bar.tried.job)])).toEqual([
    ["team:blue", ["a"]],
    ["team:red", ["a", "b"]],
    [undefined, ["c", "d", "e"]],
  ]);
  expect(lanesOf(tries, "tag", 0, 10_000).lanes.map((lane) => lane.name)).toEqual([undefined]);
});

test("the beginnings of tags that may be chosen are told, what most have first", () => {
  expect(prefixesOf([tagged("a", "team:red", "team:blue"), tagged("b", "region:eu", "slow"), tagged("c", "region:us", ":odd")])).toEqual(["region", "team"]);
});
