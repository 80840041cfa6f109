import { expect, test } from "vitest";

import { folded } from "./folded";

const TRACE = `Traceback (most recent call last):
  File "/srv/shop/jobs.py", line 4, in run
    charge()
  File "/srv/.venv/lib/python3.11/site-packages/httpx/_client.py", line 9, in send
    return read(
        request
    )
  File "C:\\\\Python\\\\Lib\\\\site-packages\\\\x.py", line 9, in read
    raise Broken
httpx.Broken: no answer
`;

test("frames of libraries in a row are one part, with the lines that belong to them", () => {
  const parts = folded(TRACE);
  expect(parts.map((part) => part.library)).toEqual([0, 2, 0]);
  expect(parts[1]?.text).toContain("        request\n    )");
  expect(parts[2]?.text).toBe("httpx.Broken: no answer");
});

test("nothing is lost", () => {
  expect(`${folded(TRACE).map((part) => part.text).join("\n")}\n`).toBe(TRACE);
});

test("what an error says is not folded away, whatever it looks like", () => {
  const said = 'E: see\n  File "/usr/lib/python3.11/ssl.py", line 1, in read\nand more';
  expect(folded(said).at(-1)?.text).toBe("and more");
});
