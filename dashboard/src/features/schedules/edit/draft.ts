/** A schedule that is being written. */

import type { NewSchedule, Rules, Schedule } from "../../../server/schedules";
import { UNWRITTEN, writtenOf, type Argument, type Written } from "../../../server/schema";
import { sentLimits, wrongLimits, type Limits } from "../../../shell/call/limits";
import { plain } from "../../../design/plain";
import { asWritten, secondsOf } from "../../../time/length";

export type How = "cron" | "every" | "hand";

export interface Draft extends Limits {
  name: string;
  task: string;
  written: Written;
  queue: string;
  how: How;
  /** The pattern, its fields with single spaces between them; one may be empty while it is written. */
  line: string;
  every: string;
  tz: string;
  overlap: Schedule["overlap"];
  /** `none`, `latest`, `all`, or how many. */
  catchup: string;
  jitter: string;
  business: boolean;
  holidays: string;
  /** Whether a new one stands still until somebody resumes it. */
  paused: boolean;
}

export function empty(zone: string): Draft {
  return {
    name: "",
    task: "",
    written: UNWRITTEN,
    queue: "",
    timeout: "",
    attempts: "",
    how: "cron",
    line: "0 0 * * *",
    every: "",
    tz: zone,
    overlap: "allow",
    catchup: "latest",
    jitter: "",
    business: false,
    holidays: "",
    paused: false,
  };
}

/** What a task is called behind its last dot: a first name for its schedule. */
export function nameFrom(task: string): string {
  return task.split(".").pop() ?? "";
}

/** A draft of what a schedule is now. */
export function of(schedule: Schedule, known: readonly Argument[], told: boolean): Draft {
  const given = typeof schedule.arguments === "string" ? {} : schedule.arguments;
  const { raws, odd } = writtenOf(given, known);
  const asForm = told && odd.length === 0;
  return {
    name: schedule.name,
    task: schedule.task,
    written: { as: asForm ? "form" : "json", raws: asForm ? raws : {}, json: plain(given) },
    queue: schedule.queue,
    timeout: schedule.timeout ? asWritten(schedule.timeout) : "",
    attempts: String(schedule.attempts),
    how: schedule.pattern ? "cron" : schedule.every ? "every" : "hand",
    line: schedule.pattern || "0 0 * * *",
    every: schedule.every ? asWritten(schedule.every) : "",
    tz: schedule.tz,
    overlap: schedule.overlap,
    catchup: { 0: "none", 1: "latest", 1_000: "all" }[schedule.catchup] ?? String(schedule.catchup),
    jitter: schedule.jitter ? asWritten(schedule.jitter) : "",
    business: schedule.business_days,
    holidays: schedule.holidays,
    paused: false,
  };
}

const NAME = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

export type Wrong = Partial<Record<"name" | "task" | keyof Limits | "every" | "tz" | "jitter" | "catchup" | "line", true>>;

/** What is wrong with what was written, without asking anybody. */
export function wrongIn(draft: Draft, zones: readonly string[], isNew: boolean): Wrong {
  const count = Number(draft.catchup);
  const counted = !["none", "latest", "all"].includes(draft.catchup);
  return {
    ...(isNew && !NAME.test(draft.name) ? { name: true } : {}),
    ...(isNew && !draft.task ? { task: true } : {}),
    ...(isNew ? wrongLimits(draft) : {}),
    ...(draft.how === "every" && !secondsOf(draft.every) ? { every: true } : {}),
    ...(draft.how === "cron" && !draft.line.trim() ? { line: true } : {}),
    ...(draft.how === "cron" && !zones.includes(draft.tz) && !/^(Etc\/|GMT|UTC)/.test(draft.tz) ? { tz: true } : {}),
    ...(draft.jitter && secondsOf(draft.jitter) === undefined ? { jitter: true } : {}),
    ...(counted && !(Number.isInteger(count) && draft.catchup.trim() !== "" && count >= 0 && count <= 1_000) ? { catchup: true } : {}),
  };
}

/** When it comes, as it is sent. */
export function rulesOf(draft: Draft): Rules {
  const counted = !["none", "latest", "all"].includes(draft.catchup);
  return {
    ...(draft.how === "cron" ? { pattern: draft.line.trim().replace(/\s+/g, " ") } : {}),
    ...(draft.how === "every" ? { every: secondsOf(draft.every) ?? 0 } : {}),
    tz: draft.tz || "UTC",
    overlap: draft.overlap,
    catchup: counted ? Number(draft.catchup) : (draft.catchup as "none" | "latest" | "all"),
    jitter: secondsOf(draft.jitter) ?? 0,
    business_days: draft.business,
    holidays: draft.holidays.trim().toUpperCase(),
  };
}

export function newOf(draft: Draft, given: Record<string, unknown>): NewSchedule {
  return {
    name: draft.name,
    task: draft.task,
    arguments: given,
    ...(draft.queue.trim() ? { queue: draft.queue.trim() } : {}),
    ...sentLimits(draft),
    paused: draft.paused,
    ...rulesOf(draft),
  };
}

/** The rules of a schedule as text, by which two of its versions are told apart; ticks change none. */
export function rulesSaid(schedule: Schedule): string {
  const { pattern, every, tz, overlap, catchup, jitter, business_days, holidays, blackouts } = schedule;
  return JSON.stringify([pattern, every, tz, overlap, catchup, jitter, business_days, holidays, blackouts]);
}

/** The fields of a line as they are shown side by side: five, or six with seconds first. */
export function fieldsIn(line: string): string[] | undefined {
  const exact = line.split(" ");
  if (exact.length === 5 || exact.length === 6) return exact;
  const loose = line.trim().split(/\s+/);
  return loose.length === 5 || loose.length === 6 ? loose : undefined;
}
