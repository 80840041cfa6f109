import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook, waitFor } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";

import { PAGE } from "../../server/audit";
import { useLines } from "./useLines";

afterEach(() => void vi.unstubAllGlobals());

/** A log of so many lines, which is read as the server has it read; tells what was asked for. */
function kept(count: number) {
  const log = { count, asked: [] as string[] };
  vi.stubGlobal("fetch", async (url: URL) => {
    const cursor = url.searchParams.get("cursor");
    log.asked.push(cursor ?? "newest");
    const from = cursor ? Number(cursor) - 1 : log.count;
    const lines = Array.from({ length: Math.min(PAGE, from) }, (_, at) => ({ position: from - at }));
    return new Response(JSON.stringify({ lines, cursor: from > PAGE ? from - PAGE + 1 : null }));
  });
  return log;
}

function looked() {
  const client = new QueryClient({ defaultOptions: { queries: { staleTime: 1_000, retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={client}>{children}</QueryClientProvider>;
  const { result, rerender } = renderHook(({ held }) => useLines({}, true, held), { wrapper, initialProps: { held: false } });
  const positions = () => result.current.lines.map((line) => line.position);
  return { result, rerender, positions, again: () => act(() => client.invalidateQueries({ queryKey: ["audit"] })) };
}

const down = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, at) => from - at);

test("new lines come at once to who only looks on, and pages that were read are not asked for again", async () => {
  const log = kept(120);
  const { result, positions, again } = looked();
  await waitFor(() => expect(positions()).toEqual(down(120, 71)));
  await act(() => result.current.found.fetchNextPage());
  await waitFor(() => expect(positions()).toEqual(down(120, 21)));
  expect(log.asked).toEqual(["newest", "71"]);
  log.count = 123;
  await again();
  await waitFor(() => expect(positions()).toEqual(down(123, 21)));
  expect(log.asked).toEqual(["newest", "71", "newest"]);
});

test("while somebody is busy with the log new lines are counted, older ones come, and none moves", async () => {
  const log = kept(120);
  const { result, rerender, positions, again } = looked();
  await waitFor(() => expect(positions()).toHaveLength(PAGE));
  rerender({ held: true });
  log.count = 132;
  await again();
  await waitFor(() => expect(result.current.fresh).toBe(12));
  expect(positions()).toEqual(down(120, 71));
  await act(() => result.current.found.fetchNextPage());
  await waitFor(() => expect(positions()).toEqual(down(120, 21)));
  act(() => result.current.show());
  expect(positions()).toEqual(down(132, 21));
  expect(result.current.fresh).toBe(0);
});

test("where more have come than a page holds, no line is left out between", async () => {
  const log = kept(60);
  const { positions, again } = looked();
  await waitFor(() => expect(positions()).toEqual(down(60, 11)));
  log.count = 200;
  await again();
  await waitFor(() => expect(positions()).toEqual(down(200, 151)));
});
