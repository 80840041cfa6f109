import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { act, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { kept } from "../../../server/draft";
import { Sessioned } from "../../../server/session";
import { EMPTY } from "./draft";
import { Form } from "./Form";

afterEach(() => void vi.unstubAllGlobals());

/** A server that answers so, one after the other; tells under which keys jobs were asked for. */
function served(...answers: ("lost" | "made")[]) {
  const keys: (string | null)[] = [];
  vi.stubGlobal("fetch", async (url: URL, given: { method: string; headers: Record<string, string> }) => {
    if (given.method === "POST") {
      keys.push(given.headers["Idempotency-Key"] ?? null);
      if (answers.shift() === "lost") throw new TypeError("lost");
      return new Response(JSON.stringify({ id: "1", task: "mail.send", created: true }), { status: 201 });
    }
    if (url.pathname.endsWith("/session")) return new Response(JSON.stringify({ permissions: ["jobs.enqueue"], csrf: "" }));
    return new Response(JSON.stringify({ tasks: [{ task: "mail.send", known: true, parameters: null, tags: [], description: "", queue: "mail" }] }));
  });
  return keys;
}

let client: QueryClient;

async function filled() {
  client = new QueryClient({ defaultOptions: { queries: { retry: false, structuralSharing: false } } });
  const initial = { ...EMPTY, task: "mail.send", written: { as: "json" as const, raws: {}, json: '{"to": "ana"}' } };
  const root = createRootRoute({
    component: () => (
      <Sessioned>
        <Form initial={initial} />
      </Sessioned>
    ),
  });
  render(
    <QueryClientProvider client={client}>
      <RouterProvider router={createRouter({ routeTree: root, history: createMemoryHistory() })} />
    </QueryClientProvider>,
  );
  fireEvent.click(await screen.findByLabelText("Create another afterwards"));
  return () => fireEvent.click(screen.getByRole("button", { name: /Create job/ }));
}

test("pressed twice, or again after an answer was lost, it asks for the same job", async () => {
  const keys = served("lost", "lost", "made");
  const create = await filled();
  create();
  create();
  await screen.findByText(/Done or not, nobody knows/);
  create();
  await waitFor(() => expect(screen.queryByText(/Done or not/)).toBeNull());
  expect(keys.length).toBeGreaterThan(1);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
});

test("another job, and the same once more on purpose, is asked for under a key of its own", async () => {
  const keys = served("lost", "made", "made");
  const create = await filled();
  create();
  await screen.findByText(/Done or not, nobody knows/);
  fireEvent.change(screen.getByLabelText("Arguments as JSON"), { target: { value: '{"to": "ben"}' } });
  create();
  await waitFor(() => expect(keys).toHaveLength(2));
  await waitFor(() => expect(screen.queryByText(/Done or not/)).toBeNull());
  create();
  await waitFor(() => expect(keys).toHaveLength(3));
  expect(new Set(keys).size).toBe(3);
});

test("what was sent is not kept as a draft, though the tasks are fetched anew", async () => {
  sessionStorage.clear();
  served("made");
  const create = await filled();
  fireEvent.change(screen.getByLabelText("Arguments as JSON"), { target: { value: '{"to": "eva"}' } });
  expect(kept("job")).toBeDefined();
  create();
  await waitFor(() => expect(kept("job")).toBeUndefined());
  await act(() => client.refetchQueries());
  expect(kept("job")).toBeUndefined();
});
