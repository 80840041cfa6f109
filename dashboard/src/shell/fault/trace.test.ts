import { expect, test } from "vitest";

import { shortly, taken } from "./trace";

const TRACE = `Traceback (most recent call last):
  File "/venv/lib/python3.11/site-packages/tidemill/worker/run.py", line 10, in run
    return await call()
  File "/venv/lib/python3.11/asyncio/tasks.py", line 5, in wait_for
    await x
  File "/srv/app/webhooks.py", line 88, in deliver
    raise ConnectionError(url)
    ^^^^^^^^^^^
ConnectionError: no answer
`;

test("own frames stand out, and library frames that stand together are one part", () => {
  const pieces = taken(TRACE);
  expect(pieces.map((piece) => piece.kind)).toEqual(["library", "frames", "text"]);
  const [library, own] = pieces;
  expect(library?.kind === "library" && library.frames.length).toBe(2);
  expect(own?.kind === "frames" && own.frames[0]).toEqual({
    file: "/srv/app/webhooks.py",
    line: 88,
    name: "deliver",
    code: ["raise ConnectionError(url)", "^^^^^^^^^^^"],
    library: false,
  });
});

test("what is no traceback stays text, to its last line", () => {
  expect(taken("one\n\ntwo")).toEqual([{ kind: "text", text: "one\n\ntwo" }]);
});

test("frames of a group of errors are frames, and code of several lines stays whole", () => {
  const [, frames] = taken(`  + Exception Group Traceback (most recent call last):
  |   File "/srv/shop/jobs.py", line 4, in run
  |     return read(
  |         request
  |     )
  | ExceptionGroup: two`);
  expect(frames?.kind === "frames" && frames.frames[0]?.code).toEqual(["return read(", "    request", ")"]);
});

test("of a path its end is shown", () => {
  expect(shortly("/srv/4.1/app/shop/mail.py")).toBe("app/shop/mail.py");
  expect(shortly("C:\\app\\jobs.py")).toBe("C:/app/jobs.py");
  expect(shortly("<string>")).toBe("<string>");
});
