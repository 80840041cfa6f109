/** What the server is, and whether it is still the one that this page came from. */

import { queryOptions } from "@tanstack/react-query";

import { get } from "./http";
import type { components } from "./schema.gen";

export type Server = components["schemas"]["Server"];

const OFTEN = 60_000;

export const serverQuery = queryOptions({
  queryKey: ["server"],
  queryFn: ({ signal }) => get("/api/v1/server", { signal }),
  refetchInterval: OFTEN,
});

let first: string | undefined;

/** Whether a build is another one than the first that this page was told of. */
export function isAnother(build: string): boolean {
  first ??= build;
  return build !== first;
}
