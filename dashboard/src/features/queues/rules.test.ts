import { expect, test } from "vitest";

import { aQueue } from "../../testing/samples";
import { changesOf, spanOf, wrongIn, writtenOf } from "./rules";

const queue = aQueue("mail", {
  most: 4,
  rate: { count: 100, per: 60, burst: 0 },
  retention: { completed: 604_800, failed: null, cancelled: 90 },
});

test("lengths of time are written so that the server reads them back", () => {
  expect([60, 90, 604_800, 5_400, 0.25, null].map(spanOf)).toEqual(["1m", "90s", "7d", "90m", "250ms", ""]);
});

test("a form that nobody has touched changes nothing", () => {
  expect(changesOf(queue, writtenOf(queue))).toEqual({ rules: {}, keep: {} });
  expect(wrongIn(writtenOf(queue))).toEqual({});
});

test("only what has changed is sent; what was emptied is taken away", () => {
  const form = { ...writtenOf(queue), most: "", fair: true, completed: "", failed: "30d" };
  expect(changesOf(queue, form)).toEqual({ rules: { most: null, fair: true }, keep: { completed: null, failed: "30d" } });
  expect(changesOf(queue, { ...writtenOf(queue), count: "", per: "" }).rules).toEqual({ rate: null });
  expect(changesOf(queue, { ...writtenOf(queue), per: "1h" }).rules).toEqual({ rate: { count: 100, per: "1h", burst: 0 } });
});

test("a rate is given whole, and limits are whole numbers", () => {
  expect(wrongIn({ ...writtenOf(queue), per: "" })).toEqual({ per: "both" });
  expect(wrongIn({ ...writtenOf(queue), count: "" })).toEqual({ count: "both" });
  expect(wrongIn({ ...writtenOf(queue), most: "0", tenantMost: "1.5", burst: "-1" })).toEqual({ most: "number", tenantMost: "number", burst: "number" });
});
