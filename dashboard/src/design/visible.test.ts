import { expect, test } from "vitest";

import { visible } from "./visible";

test.each([
  ["invoice\u202etxt.exe", "invoice\\u202etxt.exe"],
  ["\u2066a\u2069", "\\u2066a\\u2069"],
  ["a\u0000b\u001b[31m", "a\\u0000b\\u001b[31m"],
  ["a\u200bb", "a\\u200bb"],
])("what turns or hides text is written out: %j", (hostile, shown) => {
  expect(visible(hostile)).toBe(shown);
});

test.each(["שלום", "مرحبا", "two\nlines\tand more", "👩‍👩‍👧", "Grüße"])("what people write stays as it is: %s", (text) => {
  expect(visible(text)).toBe(text);
});
