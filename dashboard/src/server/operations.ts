/** Changes of many jobs, as things of their own. */

import { queryOptions } from "@tanstack/react-query";

import { get, post } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";

export type Operation = components["schemas"]["Operation"];

export function operationsQuery(cursor: string | undefined) {
  return queryOptions({
    queryKey: ["jobs", "operations", cursor ?? ""],
    queryFn: ({ signal }) => get("/api/v1/operations", { query: { cursor: cursor ?? null, limit: 25 }, signal }),
  });
}

export function operationQuery(id: string) {
  return queryOptions({
    queryKey: ["jobs", "operation", id],
    queryFn: ({ signal }) => get("/api/v1/operations/{id}", { path: { id }, signal }),
  });
}

/** Makes jobs again what they were; answers what became of the operation. */
export async function undo(id: string, reason = "") {
  const undone = await post("/api/v1/operations/{id}/undo", { path: { id }, reason });
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  return undone;
}
