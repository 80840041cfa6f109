/** Rules in words, and thresholds as they are written. */

import type { Text } from "../../i18n/text";
import { asWritten, inWords, secondsOf, type Units } from "../../time/length";
import type { Condition, Rule } from "../../server/alerts";

/** What the threshold of a condition is. */
export function measureOf(when: Condition): "number" | "share" | "length" {
  if (when === "failure_rate") return "share";
  return when === "oldest_wait" || when === "missed_schedule" || when === "silent_worker" ? "length" : "number";
}

/** Whether a condition looks back over a window. */
export function looksBack(when: Condition): boolean {
  return when === "failures" || when === "failure_rate" || when === "event_flood";
}

/** Which of a queue and a task a condition can be narrowed to. */
export function narrowedBy(when: Condition): { queue: boolean; task: boolean } {
  const isElsewhere = when === "missed_schedule" || when === "silent_worker" || when === "event_flood";
  return { queue: !isElsewhere, task: !isElsewhere && when !== "dead_letters" };
}

/** The threshold as a person writes it. */
export function aboveAsWritten(when: Condition, above: number): string {
  const measure = measureOf(when);
  if (measure === "share") return String(Math.round(above * 1e6) / 1e4);
  return measure === "length" ? asWritten(above) : String(above);
}

/** The threshold that a person has written; `undefined`: it is none. */
export function aboveOf(when: Condition, written: string): number | undefined {
  const measure = measureOf(when);
  if (measure === "length") return secondsOf(written);
  const said = written.trim().replace(/%$/, "").trim();
  if (!/^\d+([.,]\d+)?$/.test(said)) return undefined;
  const number = Number(said.replace(",", "."));
  if (measure === "number") return number;
  return number < 100 ? number / 100 : undefined;
}

type Said = Pick<Rule, "when" | "above" | "window" | "hold" | "queue" | "task">;

/** A rule as a sentence. */
export function sentence(rule: Said, text: Text<"alerts">): string {
  const units: Units = text.common.units;
  const measure = measureOf(rule.when);
  const above =
    measure === "length"
      ? inWords(rule.above * 1_000, units)
      : measure === "share"
        ? `${Math.round(rule.above * 1e4) / 100} %`
        : text.common.count(rule.above);
  return text.alerts.says({
    when: rule.when,
    above,
    window: inWords(rule.window * 1_000, units),
    hold: rule.hold ? inWords(rule.hold * 1_000, units) : "",
    queue: rule.queue,
    task: rule.task,
  });
}
