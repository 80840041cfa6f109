/** A job that is being written. */

import { now } from "../../../time/clock";
import { instantOf } from "../../../time/zones";
import type { NewJob } from "../../../server/calls";
import type { Job } from "../../../server/jobs";
import { UNWRITTEN, writtenOf, type Argument, type Written } from "../../../server/schema";
import { plain } from "../../../design/plain";

export type Mode = "now" | "at" | "schedule";

export interface Draft {
  task: string;
  written: Written;
  mode: Mode;
  /** As a clock on the wall shows it, in the zone of the page. */
  moment: string;
  delay: string;
  queue: string;
  priority: string;
  timeout: string;
  attempts: string;
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

const SPAN = /^\s*\d+(\.\d+)?\s*$|^\s*(\d+(\.\d+)?\s*(ms|s|m|h|d|w)\s*)+$/;

/** A length of time as it is sent: seconds as a number, or words. */
export function spanOf(raw: string): string | number {
  return /^\s*\d+(\.\d+)?\s*$/.test(raw) ? Number(raw) : raw.trim();
}

export type Wrong = Partial<Record<"task" | "moment" | "delay" | "timeout" | "attempts", "span" | "needed" | "attempts">>;

/** What is wrong with what was written, without asking anybody. */
export function wrongIn(draft: Draft): Wrong {
  const wrong: Wrong = {};
  if (!draft.task) wrong.task = "needed";
  if (draft.mode === "at" && !draft.moment && !draft.delay) wrong.moment = "needed";
  if (draft.mode === "at" && draft.delay && !SPAN.test(draft.delay)) wrong.delay = "span";
  if (draft.timeout && !SPAN.test(draft.timeout)) wrong.timeout = "span";
  if (draft.attempts && !(/^\d+$/.test(draft.attempts) && Number(draft.attempts) >= 1 && Number(draft.attempts) <= 1_000)) {
    wrong.attempts = "attempts";
  }
  return wrong;
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
    ...(draft.timeout ? { timeout: spanOf(draft.timeout) } : {}),
    ...(draft.attempts ? { attempts: Number(draft.attempts) } : {}),
    ...(draft.key ? { key: draft.key } : {}),
    ...(tags.length ? { tags } : {}),
    ...(draft.tenant.trim() ? { tenant: draft.tenant.trim() } : {}),
    ...(at === undefined ? {} : { at: new Date(at).toISOString() }),
    ...(draft.mode === "at" && !draft.moment && draft.delay ? { delay: spanOf(draft.delay) } : {}),
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
