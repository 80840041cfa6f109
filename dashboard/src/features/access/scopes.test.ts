import { expect, test } from "vitest";

import { PERMISSIONS, scopesOf } from "./scopes";

test("all of a noun are said in one word, some of them one by one", () => {
  expect(scopesOf(new Set(["jobs.read", "queues.read", "queues.change", "workers.read"]))).toEqual([
    "jobs.read",
    "queues.*",
    "workers.read",
  ]);
});

test("every permission is offered once", () => {
  expect(new Set(PERMISSIONS).size).toBe(PERMISSIONS.length);
  expect(scopesOf(new Set(PERMISSIONS))).toContain("tenants.*");
});
