/** The audit log: who did what, and whether all of it is still there. */

import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";

import { now } from "../time/clock";
import { momentOf } from "./filter";
import { get } from "./http";
import type { components } from "./schema.gen";
import type { Search } from "./seen";

export type Line = components["schemas"]["AuditLine"];
export type Verdict = components["schemas"]["Verdict"];

export const PAGE = 50;
const LOT = 200;

function asked({ from, to, ...rest }: Search, at: number) {
  return { ...rest, since: momentOf(from, at), until: momentOf(to, at) };
}

/** The newest lines alone: that is what is asked for again and again, however far down one has read. */
export function newestQuery(search: Search) {
  return queryOptions({
    queryKey: ["audit", search],
    queryFn: async ({ signal }) => (await get("/api/v1/audit", { query: { ...asked(search, now()), limit: PAGE }, signal })).lines,
    placeholderData: undefined,
  });
}

export function auditQuery(search: Search) {
  return infiniteQueryOptions({
    queryKey: ["audit-pages", search],
    queryFn: ({ pageParam, signal }) =>
      get("/api/v1/audit", { query: { ...asked(search, now()), cursor: pageParam, limit: PAGE }, signal }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.cursor ?? undefined,
  });
}

/** All lines that are looked for, newest first, one JSON object to a line; tells how many it has. */
export async function exported(search: Search, tell: (count: number) => void, signal: AbortSignal): Promise<string[]> {
  const lines: string[] = [];
  const query = { ...asked(search, now()), limit: LOT };
  let cursor: number | null | undefined;
  do {
    const page = await get("/api/v1/audit", { query: { ...query, cursor }, signal });
    for (const line of page.lines) lines.push(`${JSON.stringify(line)}\n`);
    tell(lines.length);
    cursor = page.cursor;
  } while (cursor !== null);
  return lines;
}

export function verify(noted: string): Promise<Verdict> {
  return get("/api/v1/audit/verify", { query: { noted } });
}
