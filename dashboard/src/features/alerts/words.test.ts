import { describe, expect, test } from "vitest";

import { de } from "../../i18n/de";
import { en } from "../../i18n/en";
import { CONDITIONS } from "../../server/alerts";
import { aboveAsWritten, aboveOf, sentence } from "./words";

const rule = { when: "failures", above: 20, window: 300, hold: 0, queue: "", task: "" } as const;

describe("a threshold", () => {
  test.each([
    ["failure_rate", "20", 0.2],
    ["failure_rate", "12,5 %", 0.125],
    ["failure_rate", "100", undefined],
    ["oldest_wait", "5m", 300],
    ["oldest_wait", "long", undefined],
    ["queue_depth", "1000", 1000],
    ["queue_depth", "many", undefined],
    ["queue_depth", "-1", undefined],
  ] as const)("of %s that is written %s is %s", (when, written, above) => expect(aboveOf(when, written)).toBe(above));

  test.each([
    ["failure_rate", 0.07],
    ["missed_schedule", 90],
    ["dead_letters", 0],
  ] as const)("of %s is read as it is written", (when, above) => expect(aboveOf(when, aboveAsWritten(when, above))).toBe(above));
});

describe("a rule", () => {
  test("is a sentence", () =>
    expect(sentence({ ...rule, queue: "mail", hold: 120 }, en)).toBe(
      "When more than 20 attempts of the queue mail have failed within 5 m, for 2 m on end",
    ));

  test.each(CONDITIONS)("about %s is said in both languages", (when) => {
    for (const text of [en, de]) {
      const said = sentence({ ...rule, when, above: when === "failure_rate" ? 0.2 : 20 }, text);
      expect(said).toContain("20");
      expect(said).not.toContain("undefined");
    }
  });
});
