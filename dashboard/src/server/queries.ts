/** How pages ask: what is fetched, how old it may be, and what makes it stale. */

import { QueryClient, type FetchQueryOptions } from "@tanstack/react-query";

import type { Permission } from "./admitted";
import { Problem } from "./http";

const PATIENCE = 3;

export const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      refetchOnWindowFocus: false,
      // What is refused stays refused; what could not be reached is asked again.
      retry: (count, error) => count < PATIENCE && !(error instanceof Problem && error.status < 500),
      placeholderData: (previous: unknown) => previous,
    },
  },
});

/** Where a page is about to be shown, and to whom. */
export interface At {
  search: Record<string, unknown>;
  params: Record<string, string>;
  may: (permission: Permission) => boolean;
}

/** What a page asks as soon as it is shown. */
export type Asks = (at: At) => readonly (Pick<FetchQueryOptions, "queryKey"> & { enabled?: unknown })[];

/** Asks it while the page itself is still on its way. */
export async function askAhead(asks: Asks, at: At): Promise<void> {
  const wanted = asks(at).filter((query) => query.enabled !== false);
  await Promise.all(wanted.map((query) => client.prefetchQuery(query)));
}

/** The first word of the keys that an event makes stale. */
const STALE: readonly (readonly [pattern: RegExp, keys: readonly string[]])[] = [
  [/^jobs\./, ["jobs", "job", "dead", "failures", "queues", "statistics", "workers", "overview"]],
  [/^(queue|key|quota)\./, ["queues", "overview", "limits"]],
  [/^task\./, ["tasks", "modules", "overview"]],
  [/./, ["events"]],
];

/** What an event makes stale. */
export function staleBy(name: string): readonly string[] {
  return STALE.filter(([pattern]) => pattern.test(name)).flatMap(([, keys]) => keys);
}

/** All that may have changed where no event is heard. */
export const MOVING: readonly string[] = [...new Set([...STALE.flatMap(([, keys]) => keys), "schedules", "audit", "access"])];

const waiting = new Set<string>();
let due: ReturnType<typeof setTimeout> | undefined;
let last = 0;

/** What comes together is asked for together: in so many milliseconds. */
const TOGETHER = 50;

/** Has whatever is shown of these asked anew: soon, but `calm` milliseconds after the last time. */
export function refresh(keys: readonly string[], calm: number): void {
  for (const key of keys) waiting.add(key);
  const wait = Math.max(Math.min(calm, TOGETHER), last + calm - Date.now());
  due ??= setTimeout(() => {
    due = undefined;
    last = Date.now();
    const stale = new Set(waiting);
    waiting.clear();
    void client.invalidateQueries({ predicate: (query) => stale.has(String(query.queryKey[0])) });
  }, wait);
}
