/** A job that is being written. */

import { now } from "../../../time/clock";
import { sentLimits, wrongLimits, type Limits } from "../../../shell/call/limits";
import { secondsOf } from "../../../time/length";
import { instantOf } from "../../../time/zones";
import type { NewJob } from "../../../server/calls";
import type { Job } from "../../../server/jobs";
import { UNWRITTEN, writtenOf, type Argument, type Written } from "../../../server/schema";
import { plain } from "../../../design/plain";

export type Mode = "now" | "at" | "schedule";

export interface Draft extends Limits {
  task: string;
  written: Written;
  mode: Mode;
  /** As a clock on the wall shows it, in the zone of the page. */
  moment: string;
  delay: string;
  queue: string;
  priority: string;
  key: string;
  tags: string;
  tenant: string;
}

export const EMPTY: Draft = {
  task: "",
  written: UNWRITTEN,
  mode: "now",
  moment: "",
  delay: "",
  queue: "",
  priority: "",
  timeout: "",
  attempts: "",
  key: "",
  tags: "",
  tenant: "",
};

export type Wrong = Partial<Record<"task" | "moment" | "delay" | keyof Limits, true>>;

/** What is wrong with what was written, without asking anybody. */
export function wrongIn(draft: Draft): Wrong {
  const isLater = draft.mode === "at";
  return {
    ...(draft.task ? {} : { task: true }),
    ...(isLater && !draft.moment && !draft.delay ? { moment: true } : {}),
    ...(isLater && draft.delay && secondsOf(draft.delay) === undefined ? { delay: true } : {}),
    ...wrongLimits(draft),
  };
}

/** Whether the moment that was chosen has passed. */
export function hasPassed(draft: Draft, zone: string): boolean {
  const at = draft.mode === "at" && draft.moment ? instantOf(zone, draft.moment) : undefined;
  return at !== undefined && at < now();
}

/** The job as it is asked for. */
export function asked(draft: Draft, given: Record<string, unknown>, zone: string): NewJob {
  const tags = draft.tags.split(",").map((each) => each.trim()).filter(Boolean);
  const at = draft.mode === "at" && draft.moment ? instantOf(zone, draft.moment) : undefined;
  return {
    task: draft.task,
    arguments: given,
    ...(draft.queue.trim() ? { queue: draft.queue.trim() } : {}),
    ...(draft.priority ? { priority: priorityOf(draft.priority) } : {}),
    ...sentLimits(draft),
    ...(draft.key ? { key: draft.key } : {}),
    ...(tags.length ? { tags } : {}),
    ...(draft.tenant.trim() ? { tenant: draft.tenant.trim() } : {}),
    ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
    ...(draft.mode === "at" && !draft.moment && draft.delay ? { delay: secondsOf(draft.delay) ?? 0 } : {}),
  };
}

function priorityOf(written: string): NonNullable<NewJob["priority"]> {
  return (/^-?\d+$/.test(written) ? Number(written) : written) as NonNullable<NewJob["priority"]>;
}

/** A draft that makes a job like this one. */
export function like(job: Job, known: readonly Argument[], told: boolean): Draft {
  const secret = new Set(known.filter((each) => each.kind === "secret").map((each) => each.name));
  const all = typeof job.arguments === "string" ? {} : job.arguments;
  const given = Object.fromEntries(Object.entries(all).filter(([name]) => !secret.has(name)));
  const { raws, odd } = writtenOf(given, known);
  const asForm = told && odd.length === 0;
  return {
    ...EMPTY,
    task: job.task,
    written: { as: asForm ? "form" : "json", raws: asForm ? raws : {}, json: plain(given) },
    queue: job.queue,
    priority: job.priority ? String(job.priority) : "",
    timeout: job.timeout === null ? "" : `${job.timeout}`,
    attempts: String(job.max_attempts),
    tags: job.tags.join(", "),
  };
}
