import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { Trial } from "./Trial";

afterEach(() => void vi.unstubAllGlobals());

/** A server whose jobs are in these states; answers what it was asked to retry. */
function served(states: Record<string, string>) {
  const retried: string[][] = [];
  vi.stubGlobal("fetch", async (url: URL, given: { method: string; body?: string }) => {
    if (given.method === "POST") {
      const { ids } = JSON.parse(given.body ?? "{}") as { ids: string[] };
      retried.push(ids);
      return new Response(JSON.stringify({ changed: ids.length, job: null }));
    }
    const id = url.pathname.split("/").at(-1) ?? "";
    return states[id]
      ? new Response(JSON.stringify({ id, task: "call", state: states[id], error: null }))
      : new Response("{}", { status: 404 });
  });
  return retried;
}

function watched(more: { back?: boolean; asked?: boolean } = {}) {
  const trying = { few: ["a", "b"], rest: ["c", "d", "e"], reason: "", since: Date.now(), ...more };
  const root = createRootRoute({ component: () => <Trial trying={trying} onGo={() => undefined} onEnd={() => undefined} /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
}

test("when all have passed, the others are retried, once", async () => {
  const retried = served({ a: "completed", b: "completed" });
  watched();
  await screen.findByText(/and the other 3 are to be retried/);
  expect(retried).toEqual([["c", "d", "e"]]);
});

test("when one goes wrong, the others are left alone until somebody says otherwise", async () => {
  const retried = served({ a: "completed", b: "failed" });
  watched();
  await screen.findByText(/1 of 2 went wrong again. The other 3 were left alone/);
  expect(retried).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: /Retry the other 3/ }));
  await waitFor(() => expect(retried).toEqual([["c", "d", "e"]]));
});

test("one that is gone has not passed", async () => {
  const retried = served({ a: "completed" });
  watched();
  await screen.findByText(/1 of 2 went wrong again/);
  expect(retried).toEqual([]);
});

test("while one runs, nothing is decided", async () => {
  const retried = served({ a: "completed", b: "running" });
  watched();
  await screen.findByText(/1 of 2 have passed. The other 3 wait/);
  expect(retried).toEqual([]);
});

test("who comes back is asked before the others are retried", async () => {
  const retried = served({ a: "completed", b: "completed" });
  watched({ back: true });
  await screen.findByText(/while nobody watched. The other 3 wait for your word/);
  expect(retried).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: "Retry the other 3" }));
  await waitFor(() => expect(retried).toEqual([["c", "d", "e"]]));
});

test("what was asked for before one left is not asked for again", async () => {
  const retried = served({ a: "completed", b: "completed" });
  watched({ back: true, asked: true });
  await screen.findByText(/It was asked for the other 3 to be retried/);
  expect(screen.queryByRole("button", { name: /Retry the other/ })).toBeNull();
  expect(retried).toEqual([]);
});
