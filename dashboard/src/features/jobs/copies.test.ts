import { expect, test } from "vitest";

import type { Job } from "../../server/jobs";
import { asCurl, python } from "./copies";

test("a value is written as Python does", () => {
  expect(python({ a: [true, null, 1.5], "b c": "it's" })).toBe('{"a": [True, None, 1.5], "b c": "it\'s"}');
});

test("a quote in an argument does not end the argument of the shell", () => {
  const job = { task: "mail", queue: "q", arguments: { to: "o'hara; rm -rf /" } } as unknown as Job;
  expect(asCurl(job)).toContain(`o'\\''hara`);
});
