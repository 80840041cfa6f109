/** Modules, as pages ask for them. */

import { queryOptions } from "@tanstack/react-query";

import { get, post } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";

export type Module = components["schemas"]["Module"];

export const modulesQuery = queryOptions({
  queryKey: ["modules"],
  queryFn: async ({ signal }) => (await get("/api/v1/modules", { signal })).modules,
});

export function moduleQuery(name: string) {
  return queryOptions({
    queryKey: ["modules", name],
    queryFn: ({ signal }) => get("/api/v1/modules/{name}", { path: { name }, signal }),
  });
}

async function changed<T>(answer: Promise<T>): Promise<T> {
  const told = await answer;
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  return told;
}

export function disable({ module }: Module, note: string) {
  return changed(post("/api/v1/modules/{name}/disable", { path: { name: module }, body: { note }, reason: note }));
}

export function enable({ module }: Module, reason: string) {
  return changed(post("/api/v1/modules/{name}/enable", { path: { name: module }, reason }));
}
