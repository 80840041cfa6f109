import { plural } from "../plural";

const jobs = (number: number) => plural("en", number, { one: "job", other: "jobs" });
const verbs: Record<string, string> = {
  "jobs.cancel": "cancelled",
  "jobs.retry": "retried",
  "jobs.run_now": "made due",
  "jobs.postpone": "postponed",
  "jobs.reprioritise": "given another priority",
  "jobs.move": "moved",
  "jobs.delete": "deleted",
};

export const operations = {
  title: "Operations",
  lede: "Changes of many jobs, by hand or by a program. The last 500 are kept.",
  count: (number: number, more: boolean) => (more ? "The newest operations" : plural("en", number, { one: "operation", other: "operations" })),
  did: (verb: string, number: number) => `${jobs(number)} ${verbs[verb] ?? verb}`,
  what: "What",
  who: "Who",
  when: "When",
  reason: "Reason",
  state: "State",
  states: { done: "Done", running: "A job goes on", failed: "Not finished: its job has failed", undone: "Undone" },
  none: "Nobody has changed jobs yet. Choose some in the list of jobs, and what to do with them.",
  toJobs: "To the jobs",
  meantIds: (number: number) => `${jobs(number)} by their ids`,
  meantFilter: "All that matched",
  changed: "Changed",
  skipped: "Left alone",
  skippedWhy: "in a state that did not allow it, or not there",
  given: "Given",
  job: "Goes on as",
  until: "Undo until",
  undo: "Undo",
  undoWhy: "Jobs become again what they were, but for those that have begun, or that others have changed since.",
  undoneBy: "Undone by",
  refused: {
    verb: "What it did cannot be undone.",
    rest: "It was too large to be undone: a job has gone on with it.",
    nothing: "It has changed nothing that could be undone.",
    late: "It can be undone for ten minutes, and these are over.",
    undone: "It has been undone.",
  },
};
