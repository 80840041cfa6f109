import type { CauseKind } from "../../server/causes";
import { plural, written } from "../plural";

/** A cause as its sentence needs it: lengths of time are in words already. */
export interface Told {
  what: string;
  /** Empty: nobody says who. */
  by: string;
  count: number | null;
  most: number | null;
  /** The length of time that a rate is for. */
  per: string;
  /** How long until it is over by itself. */
  left: string;
  /** How long it has lasted; of what is missing, how long ago it was there. */
  past: string;
}

const jobs = (count: number | null) => (count === null ? "other jobs" : plural("en", count, { one: "other job", other: "other jobs" }));
const paused = ({ by, past }: Told) => `is paused${by ? ` by ${by}` : ""}${past ? `, for ${past}` : ""}`;
const ran = ({ past }: Told) => (past ? `; the task last ran ${past} ago` : "");
const rate = ({ most, per, left }: Told) => `may start ${most} in ${per}; the next one in ${left}`;
const does = (count: number | null) => (count === null ? "as many do" : `${written(count, "en")} ${count === 1 ? "does" : "do"}`);

/** What stands in the way of a job or a schedule. */
export const hindrances: Record<CauseKind, (told: Told) => string> = {
  finished: () => "It has ended",
  running: ({ what }) => `It runs${what ? ` on ${what}` : ""}`,
  stopping: ({ what }) => `It runs${what ? ` on ${what}` : ""}, and has been asked to stop`,
  due_later: ({ left }) => `It is due in ${left}`,
  retrying: ({ left }) => `It failed, and is tried again in ${left}`,
  parents: ({ count }) => `It waits for ${jobs(count)}`,
  queue_paused: (told) => `The queue ${told.what} ${paused(told)}`,
  task_paused: (told) => `The task ${told.what} ${paused(told)}`,
  limit_full: ({ what, most, count }) => `The key ${what} lets ${most} run at once, and ${does(count)}`,
  rate_spent: (told) => `The key ${told.what} ${rate(told)}`,
  queue_full: ({ what, most, count }) => `The queue ${what} lets ${most} run at once, and ${does(count)}`,
  tenant_full: ({ what, most, count }) => `The queue ${what} lets ${most} of one tenant run at once, and ${does(count)}`,
  tenant_quota: ({ what, most, count }) => `The tenant ${what} may have ${most} run at once, and ${does(count)}`,
  queue_rate_spent: (told) => `The queue ${told.what} ${rate(told)}`,
  no_worker: (told) => `No worker is there${ran(told)}`,
  no_worker_of_queue: (told) => `None of the workers takes from the queue ${told.what}${ran(told)}`,
  no_worker_of_task: (told) => `No worker that takes from its queue knows the task ${told.what}${ran(told)}`,
  line: ({ what, count }) => `Before it in the queue ${what}: ${jobs(count)}`,
  soon: () => "Nothing: it comes as soon as a worker is free",
  schedule_paused: () => "The schedule is paused",
  schedule_by_hand: () => "It runs by hand only",
  schedule_over: () => "It never comes again",
  schedule_overlap: () => "A job of an earlier tick has not ended, and its rule lets no other start beside it",
  schedule_quota: ({ past }) => `Its last tick, ${past} ago, was skipped`,
  schedule_due: ({ left }) => `It comes in ${left}`,
  schedule_late: ({ past }) => `It has been due for ${past}`,
};
