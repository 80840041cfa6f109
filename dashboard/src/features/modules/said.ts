/** What is said of a module in words. */

import type { Text } from "../../i18n/text";
import type { Module } from "../../server/modules";
import type { Worker } from "../../server/queues";

/** How much of its work is done; empty: as much as there is. */
export function quotasSaid({ quotas }: Pick<Module, "quotas">, { modules: text, common }: Text<"modules">): string {
  const { concurrency, rate, per_hour: hourly } = quotas;
  const said = [
    concurrency === null ? [] : [text.atOnce(common.count(concurrency))],
    rate === null ? [] : [startsSaid(rate, text)],
    hourly === null ? [] : [text.anHour(common.count(hourly))],
  ];
  return said.flat().join(", ");
}

/** A rate as it is written, `100/1m`, in words. */
function startsSaid(rate: string, text: Text<"modules">["modules"]): string {
  const [count = "", length = ""] = rate.split("/");
  return text.starts(count.trim(), length.trim());
}

/** The workers that include it, those of another version first. */
export function nodesOf(module: Pick<Module, "module" | "version">, workers: readonly Worker[]): Worker[] {
  const others = (worker: Worker) => Number(worker.modules[module.module] === module.version);
  return workers.filter((worker) => worker.modules[module.module] !== undefined).sort((one, other) => others(one) - others(other));
}

/** A setting as one would write it down: text as it is, anything else as JSON. */
export function settingSaid(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** Whether none of the settings holds others. */
export function areFlat(settings: Record<string, unknown>): boolean {
  return Object.values(settings).every((value) => typeof value !== "object" || value === null);
}

/** Whether a task or a schedule is paused because the module is disabled, and not by a person. */
export function isPausedWith({ module, disabled }: Pick<Module, "module" | "disabled">, note: string): boolean {
  const mark = `module ${module} is disabled`;
  return disabled && (note === mark || note.startsWith(`${mark}:`));
}
