import { expect, test } from "vitest";

import { common as german } from "../i18n/de/common";
import { jobs as germanJobs } from "../i18n/de/jobs";
import { common } from "../i18n/en/common";
import { jobs } from "../i18n/en/jobs";
import type { Cause } from "../server/causes";
import { saidOf } from "./Causes";

const NOW = Date.parse("2026-11-29T12:30:00Z");
const EN = { jobs, common };
const DE = { jobs: germanJobs, common: german };

const aCause = (more: Partial<Cause>): Cause => ({
  kind: "soon",
  text: "the server's own words",
  what: "",
  jobs: [],
  count: null,
  most: null,
  per: null,
  until: null,
  since: null,
  by: "",
  note: "",
  ...more,
});

test("a cause is said in the language of the page, with what somebody has noted", () => {
  const paused = aCause({ kind: "queue_paused", what: "mail", by: "user:ana", since: "2026-11-29T12:18:00Z", note: "stocktaking" });
  expect(saidOf(paused, EN, NOW)).toBe("The queue mail is paused by ana, for 12 m: stocktaking");
  expect(saidOf(paused, DE, NOW)).toBe("Die Warteschlange mail ist angehalten, von ana, seit 12 min: stocktaking");
});

test("a rate tells how many there may be, and when the next one comes", () => {
  const spent = aCause({ kind: "rate_spent", what: "api", most: 3, per: 60, until: "2026-11-29T12:30:20Z" });
  expect(saidOf(spent, EN, NOW)).toBe("The key api may start 3 in 1 m; the next one in 20 s");
  expect(saidOf(spent, DE, NOW)).toBe("Der Schlüssel api lässt in 1 min 3 beginnen; der nächste kommt in 20 s");
});

test("how many there are is left out where it may not be told", () => {
  expect(saidOf(aCause({ kind: "line", what: "mail" }), EN, NOW)).toBe("Before it in the queue mail: other jobs");
  expect(saidOf(aCause({ kind: "line", what: "mail", count: 1 }), DE, NOW)).toBe("Vor ihm in der Warteschlange mail: 1 anderer Auftrag");
  expect(saidOf(aCause({ kind: "queue_full", what: "mail", most: 2 }), EN, NOW)).toBe("The queue mail lets 2 run at once, and as many do");
});

test("what is over by now is said to be about to end, not to have ended", () => {
  expect(saidOf(aCause({ kind: "due_later", until: "2026-11-29T12:29:00Z" }), EN, NOW)).toBe("It is due in 1 s");
});

test("a cause that a newer server knows is told in that server's words", () => {
  expect(saidOf(aCause({ kind: "moonrise" as Cause["kind"] }), DE, NOW)).toBe("the server's own words");
});

test("every cause is one sentence in both languages, whatever is known of it", () => {
  const full = { what: "X", by: "B", count: 2, most: 2, per: "1 s", left: "1 s", past: "1 s" };
  const bare = { what: "", by: "", count: null, most: null, per: "", left: "", past: "" };
  for (const told of [full, bare])
    for (const words of [jobs, germanJobs])
      for (const say of Object.values(words.hindrances)) expect(say(told)).toMatch(/^[A-ZÄÖÜ][^.]*[^.]$/);
});
