import { describe as group, expect, test } from "vitest";

import { borders, weekOf } from "./week";

const LISBON = "Europe/Lisbon";

group("a week of the plan", () => {
  const { since, until } = borders(LISBON, Date.parse("2026-10-20T12:00:00Z"));
  const planned = (name: string, ticks: string[], more = false) => ({ name, task: "t", ticks, more });

  test("begins and ends at midnights of the zone", () => {
    expect(new Date(since).toISOString()).toBe("2026-10-19T23:00:00.000Z");
    expect(new Date(until).toISOString()).toBe("2026-10-27T00:00:00.000Z");
  });

  test("puts each run into its day and hour, in order, and tells of a change of the clock", () => {
    const week = weekOf(LISBON, since, [
      planned("late", ["2026-10-20T08:45:00.000Z"]),
      planned("early", ["2026-10-20T08:15:00.000Z", "2026-10-26T09:00:00.000Z"]),
    ]);
    expect(week.days[0]!.hours[9]!.map((run) => run.name)).toEqual(["early", "late"]);
    expect(week.days[6]!.hours[9]!.map((run) => run.name)).toEqual(["early"]);
    expect(week.most).toBe(2);
    expect(week.days.map((day) => day.change?.back)).toEqual([undefined, undefined, undefined, undefined, undefined, true, undefined]);
  });

  test("names what comes too often, and draws none of it", () => {
    const week = weekOf(LISBON, since, [planned("often", ["2026-10-20T08:45:00.000Z"], true)]);
    expect(week.often).toEqual(["often"]);
    expect(week.most).toBe(0);
  });
});
