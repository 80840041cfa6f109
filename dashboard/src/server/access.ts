/** Who may come in, as what, and how much each tenant may have. */

import { queryOptions } from "@tanstack/react-query";

import { get, patch, post, put, remove } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type User = Schemas["User"];
export type NewUser = Schemas["UserIn"];
export type Grant = Schemas["Grant"];
export type Role = Grant["role"];
export type Key = Schemas["ApiKey"];
export type NewKey = Schemas["KeyIn"];
export type Tenant = Schemas["Tenant"];
export type NewTenant = Schemas["TenantIn"];
export type Quota = Tenant["quota"];

/** From the least to the most. */
export const ROLES = ["viewer", "operator", "admin"] as const satisfies readonly Role[];

export const usersQuery = queryOptions({
  queryKey: ["access", "users"],
  queryFn: async ({ signal }) => (await get("/api/v1/users", { signal })).users,
});

export const keysQuery = queryOptions({
  queryKey: ["access", "keys"],
  queryFn: async ({ signal }) => (await get("/api/v1/keys", { signal })).keys,
});

export const tenantsQuery = queryOptions({
  queryKey: ["access", "tenants"],
  queryFn: async ({ signal }) => (await get("/api/v1/tenants", { signal })).tenants,
});

/** Not asked for again and again, as the others are: there is one for every tenant. */
export function useOf(name: string) {
  return queryOptions({
    queryKey: ["tenant-use", name],
    queryFn: ({ signal }) => get("/api/v1/tenants/{name}/use", { path: { name }, signal }),
  });
}

async function anew<T>(asked: Promise<T>): Promise<T> {
  const answer = await asked;
  await client.invalidateQueries({ queryKey: ["access"] });
  return answer;
}

const tag = (version: number) => `"${version}"`;

export function createUser(user: NewUser) {
  return anew(post("/api/v1/users", { body: user }));
}

export function changeUser({ name, version }: User, changes: Schemas["UserChangeIn"], reason = "") {
  return anew(patch("/api/v1/users/{name}", { path: { name }, body: changes, seen: tag(version), reason }));
}

export function setPassword(name: string, password: string, reason: string) {
  return anew(put("/api/v1/users/{name}/password", { path: { name }, body: { password }, reason }));
}

export function deleteUser({ name, version }: User, reason: string) {
  return anew(remove("/api/v1/users/{name}", { path: { name }, seen: tag(version), reason }));
}

export function createKey(key: NewKey) {
  return anew(post("/api/v1/keys", { body: key }));
}

export function revokeKey(id: string, reason: string) {
  return anew(remove("/api/v1/keys/{id}", { path: { id }, reason }));
}

export function createTenant(tenant: NewTenant) {
  return anew(post("/api/v1/tenants", { body: tenant }));
}

export function changeTenant({ name, version }: Tenant, changes: Schemas["TenantChangeIn"], reason = "") {
  return anew(patch("/api/v1/tenants/{name}", { path: { name }, body: changes, seen: tag(version), reason }));
}

export async function deleteTenant({ name, version }: Tenant, reason: string): Promise<void> {
  await remove("/api/v1/tenants/{name}", { path: { name }, seen: tag(version), reason });
  await client.invalidateQueries({ queryKey: tenantsQuery.queryKey });
}
