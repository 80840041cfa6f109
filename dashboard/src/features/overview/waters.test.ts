import { expect, test } from "vitest";

import { aFigures, anUpcoming, aWorker, NOW } from "../../testing/samples";
import { HOUR, tide } from "./waters";

const stretch = (at: string, completed: number) => ({ ...aFigures({ mail: completed }).queues[0], at, endings: { completed } }) as never;
const hour = (at: string, scheduled: number, work = 0) => ({ at, ticks: 0, scheduled, retrying: 0, work });

const day = aFigures({}, { series: [stretch("2026-11-29T10:00:00.000Z", 600), stretch("2026-11-29T12:00:00.000Z", 300)] });

test("hours in which nothing ended are told as nothing, and the one that goes on by its part", () => {
  const { points } = tide(day, undefined, undefined, NOW);
  expect(points).toHaveLength(25);
  expect(points.at(-1)).toMatchObject({ to: NOW, rate: 10 });
  expect(points.at(-2)?.rate).toBe(0);
  expect(points.at(-3)?.rate).toBe(10);
  expect(points[0]?.from).toBe(NOW - 24 * HOUR);
});

test("what is planned begins now, and ends where nobody has looked further", () => {
  const plan = anUpcoming([hour("2026-11-29T12:00:00.000Z", 60), hour("2026-11-29T14:00:00.000Z", 120)], NOW + 2 * HOUR);
  const planned = tide(day, plan, undefined, NOW).points.filter((point) => point.planned);
  expect(planned.map((point) => point.rate)).toEqual([2, 0, 4]);
  expect([planned[0]?.from, planned.at(-1)?.to]).toEqual([NOW, NOW + 2 * HOUR]);
});

test("high water is the hour with most work, as a share of all slots", () => {
  const plan = anUpcoming([hour("2026-11-29T13:00:00.000Z", 9, 100), hour("2026-11-29T18:00:00.000Z", 1, 14_400)]);
  const { high } = tide(day, plan, [aWorker({ slots: 4 }), aWorker({ slots: null })], NOW);
  expect(high).toEqual({ at: Date.parse("2026-11-29T18:00:00.000Z"), share: 1 });
});

test("capacity does not flatten the water", () => {
  const line = tide(day, undefined, [aWorker({ slots: 10_000 })], NOW);
  expect(line.capacity).toBe(1_200_000);
  expect(line.top).toBeLessThan(20);
  expect(tide(day, undefined, undefined, NOW).capacity).toBeUndefined();
});
