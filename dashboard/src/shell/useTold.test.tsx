import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import { Toasts } from "../design/Toast";
import { useToldOfJobs } from "./useTold";

afterEach(() => void vi.unstubAllGlobals());

type Came = { undone: number; begun: number; others: number };

/** A server where this comes of undoing each operation; answers which were asked for. */
function served(came: Record<string, Came>) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (url: URL) => {
    const id = url.pathname.split("/").at(-2) ?? "";
    asked.push(id);
    return came[id] ? new Response(JSON.stringify(came[id])) : new Response(JSON.stringify({ detail: "it is too long ago" }), { status: 409 });
  });
  return asked;
}

function Page({ operations }: { operations: string[] }) {
  const tell = useToldOfJobs();
  return <button onClick={() => tell("3 jobs to be retried", operations.map((operation) => ({ operation, until: Date.now() + 60_000 })))}>do it</button>;
}

async function done(...operations: string[]) {
  render(
    <Toasts>
      <Page operations={operations} />
    </Toasts>,
  );
  await userEvent.click(screen.getByText("do it"));
  await screen.findByText("3 jobs to be retried");
}

test("it says what came of undoing all that was done", async () => {
  const asked = served({ a: { undone: 2, begun: 1, others: 0 }, b: { undone: 1, begun: 0, others: 1 } });
  await done("a", "b");
  await userEvent.click(screen.getByRole("button", { name: "Undo" }));
  await screen.findByText("3 jobs were put back; 1 had begun already; 1 was left alone, as somebody has changed it or waits for it");
  expect(asked).toEqual(["a", "b"]);
});

test("when all have begun, it says that none was put back", async () => {
  served({ a: { undone: 0, begun: 3, others: 0 } });
  await done("a");
  await userEvent.click(screen.getByRole("button", { name: "Undo" }));
  await screen.findByText("No job was put back; 3 had begun already");
});

test("why it cannot be undone is told", async () => {
  served({});
  await done("a");
  await userEvent.click(screen.getByRole("button", { name: "Undo" }));
  await screen.findByText(/too long ago/);
});

test("where there is no way back none is offered", async () => {
  served({});
  await done();
  expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
});
