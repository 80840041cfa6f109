import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import type { FiguresSeen } from "../../server/seen";
import type { Figures } from "../../server/statistics";
import { aFigures } from "../../testing/samples";
import { Groups } from "./Groups";

/** So many attempts of each task, of which 95 in a hundred ran less than so many seconds. */
function of(tasks: Record<string, [count: number, p95: number, mean: number]>): Figures {
  return aFigures(
    {},
    {
      tasks: Object.entries(tasks).map(([task, [count, p95, mean]]) => ({
        task,
        endings: { completed: count },
        success_rate: 1,
        run: { mean, p50: mean, p95, p99: p95 },
      })),
    },
  );
}

async function rowsOf(figures: Figures, then: Figures | undefined, seen: FiguresSeen) {
  const root = createRootRoute({ component: () => <Groups figures={figures} then={then} seen={seen} /> });
  render(<RouterProvider router={createRouter({ routeTree: root, history: createMemoryHistory() })} />);
  const table = await screen.findByRole("table", { name: "By task" });
  return { table, names: within(table).getAllByRole("rowheader").map((each) => each.textContent) };
}

const NOW = of({ steady: [90, 1, 0.5], drifting: [60, 4.2, 2], rare: [3, 9, 9] });

test("tasks stand in the order that is wanted, and its column says so", async () => {
  const { table, names } = await rowsOf(NOW, undefined, { sort: "mean" });
  expect(names).toEqual(["rare", "drifting", "steady"]);
  const heads = within(table).getAllByRole("columnheader");
  expect(heads.filter((each) => each.getAttribute("aria-sort") === "descending").map((each) => each.textContent)).toEqual(["Mean run time"]);
});

test("what has become slower than the week before says by how much, in words", async () => {
  const { names } = await rowsOf(NOW, of({ steady: [80, 1, 0.5], drifting: [70, 2, 1], rare: [4, 1, 1] }), {});
  expect(names).toEqual(["steady", "driftingp95 2.1 times that of the week before", "rare"]);
});

test("where there is no week before, nothing is slower", async () => {
  const { names } = await rowsOf(NOW, undefined, {});
  expect(names).toEqual(["steady", "drifting", "rare"]);
});
