import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { Tried } from "../../server/attempts";
import { FARED, faredOf, outlineOf } from "./bars";
import { Timeline } from "./Timeline";

const SINCE = "2026-11-30T08:00:00.000Z";
const UNTIL = "2026-11-30T09:00:00.000Z";

const tried = (job: string, ending: string | null, ...tags: string[]): Tried =>
  ({ job, task: "mail.send", queue: "mail", tenant: "", worker: 1, number: 1, started_at: SINCE, ended_at: ending && UNTIL, ending, error: null, tags }) as unknown as Tried;

function drawn(tries: readonly Tried[], prefix?: string) {
  const root = createRootRoute({ component: () => <Timeline tries={tries} by="tag" prefix={prefix} since={SINCE} until={UNTIL} /> });
  render(<RouterProvider router={createRouter({ routeTree: root, history: createMemoryHistory() })} />);
  return screen.findByRole("figure");
}

test("how an attempt ended is told by its outline, however short it is", () => {
  for (const length of [2, 400]) expect(new Set(FARED.map((fared) => outlineOf(fared, 10, length, 0))).size).toBe(FARED.length);
  expect(["completed", null, "timed_out", "crashed", "abandoned", "snoozed", "interrupted"].map(faredOf)).toEqual([
    "completed",
    "running",
    "failed",
    "failed",
    "failed",
    "cancelled",
    "cancelled",
  ]);
});

test("each bar has the outline of its ending, and what the outlines mean is said beside them", async () => {
  const figure = await drawn([tried("a", "completed"), tried("b", "crashed"), tried("c", null), tried("d", "cancelled")]);
  const bars = [...figure.querySelectorAll("a path")];
  const heights = bars.map((bar) => bar.getAttribute("d")?.replace(/M\S+ \S+?(?=[hV])/g, "M"));
  expect(bars.map((bar) => bar.getAttribute("data-ending")).sort()).toEqual([...FARED].sort());
  expect(new Set(heights).size).toBe(4);
  for (const name of ["running", "completed", "failed", "cancelled, snoozed or interrupted"]) expect(within(figure).getByText(name)).toBeDefined();
});

test("lanes by tag are named by it, with one for jobs that have none", async () => {
  const figure = await drawn([tried("a", "completed", "team:red", "team:blue"), tried("b", "completed")], "team");
  expect(figure.getAttribute("aria-label")).toBe("2 attempts in 3 lanes, from left to right");
  expect(within(figure).getAllByRole("listitem").map((lane) => lane.querySelector("span")?.textContent)).toEqual(["team:blue", "team:red", "without team:"]);
});
