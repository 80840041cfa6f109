import { expect, test } from "vitest";

import { offered } from "./offered";

const VALUES = { queue: ["mail", "webhooks", "bulk mail"], state: ["failed"] };

test("a beginning is completed to qualifiers, and a qualifier to its values", () => {
  expect(offered("qu", ["queue", "state"], VALUES)).toEqual(["queue:"]);
  expect(offered("state:failed queue:ma", ["queue", "state"], VALUES)).toEqual(["queue:mail", 'queue:"bulk mail"']);
});

test("of what is not known nothing is offered", () => {
  expect(offered("key:x", ["key"], VALUES)).toEqual([]);
});
