import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { fireEvent, render, screen } from "@testing-library/react";
import { Suspense } from "react";
import { beforeEach, afterEach, expect, test, vi } from "vitest";

import { Sessioned } from "../../server/session";
import { useTrial } from "./useTrial";

beforeEach(() => localStorage.clear());
afterEach(() => void vi.unstubAllGlobals());

function Page({ fingerprint }: { fingerprint: string }) {
  const { trying, tell } = useTrial(fingerprint);
  return (
    <>
      <output>{trying ? `${trying.rest.join()} ${trying.back ? "back" : "here"}` : "none"}</output>
      <button type="button" onClick={() => tell({ few: ["a"], rest: ["b", "c"], reason: "", since: Date.now() })}>
        begin
      </button>
      <button type="button" onClick={() => tell(undefined)}>
        end
      </button>
    </>
  );
}

function opened(user: string, fingerprint: string) {
  vi.stubGlobal("fetch", async () => new Response(JSON.stringify({ user, tenant: null, csrf: "" })));
  return render(
    <QueryClientProvider client={new QueryClient()}>
      <Suspense>
        <Sessioned>
          <Page fingerprint={fingerprint} />
        </Sessioned>
      </Suspense>
    </QueryClientProvider>,
  );
}

test("a trial is found again by whoever began it, where it was begun, until it ends", async () => {
  const first = opened("ana", "f1");
  fireEvent.click(await screen.findByText("begin"));
  expect(screen.getByText("b,c here")).toBeDefined();
  first.unmount();
  const other = opened("ana", "f2");
  expect(await screen.findByText("none")).toBeDefined();
  other.unmount();
  const stranger = opened("ben", "f1");
  expect(await screen.findByText("none")).toBeDefined();
  stranger.unmount();
  opened("ana", "f1");
  expect(await screen.findByText("b,c back")).toBeDefined();
  fireEvent.click(screen.getByText("end"));
  expect(screen.getByText("none")).toBeDefined();
  expect(localStorage).toHaveLength(0);
});
