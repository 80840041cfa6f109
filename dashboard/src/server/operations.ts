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

/** Something that was done to jobs and can be taken back until a moment. */
export interface Way {
  operation: string;
  until: number;
}

/** The way back from a change of jobs, if there is one. */
export function wayBack({ operation, undo_until: until }: components["schemas"]["Changed"]): Way[] {
  return operation && until ? [{ operation, until: Date.parse(until) }] : [];
}

/** How many jobs are again what they were; how many had begun; how many others would not have it. */
export type Came = Pick<Operation, "undone" | "begun" | "others">;

/** Makes jobs again what they were; answers what came of it, all together. */
export async function undo(operations: readonly string[]): Promise<Came> {
  const came = { undone: 0, begun: 0, others: 0 };
  try {
    for (const id of operations) {
      const told = await post("/api/v1/operations/{id}/undo", { path: { id } });
      came.undone += told.undone;
      came.begun += told.begun;
      came.others += told.others;
    }
  } finally {
    await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  }
  return came;
}
