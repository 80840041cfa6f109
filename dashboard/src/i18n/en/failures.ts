import { plural, written } from "../plural";

const count = (number: number) => plural("en", number, { one: "job", other: "jobs" });

export const failures = {
  title: "Failures",
  verdict: (kinds: number, jobs: number) =>
    `${plural("en", kinds, { one: "kind", other: "kinds" })} of failure, ${count(jobs)}`,
  calmSince: (day: string) => `Nothing has failed since ${day}`,
  calm: "Nothing has failed",
  kept: (kinds: number, jobs: number) =>
    `${plural("en", kinds, { one: "kind", other: "kinds" })} of failure, ${count(jobs)}, from before that.`,
  searched: (jobs: number) =>
    `Looked through the newest ${written(jobs, "en")} that failed or are to be retried; there are older ones.`,
  hundred: "The hundred with most jobs are shown.",
  none: "No job has failed, and none waits to be retried.",
  noneMatch: "No failure matches.",
  showAll: "Show all failures",
  states: { all: "All", failed: "Failed for good", retrying: "To be retried" },
  state: "State",
  sort: "Order",
  sorts: { count: "Most jobs first", last: "Last first" },
  task: "Task",
  onlyTask: (task: string) => `Only those of ${task}`,
  anyTask: (task: string) => `Of ${task} only; show those of any task`,
  jobs: "Jobs",
  when: "Two days",
  first: "First",
  last: "Last",
  failure: "Failure",
  hour: (number: number, time: string) => `${count(number)} in the hour from ${time}`,
  spark: (number: number, most: number) =>
    `${count(number)} in the last two days, ${written(most, "en")} at most in an hour`,
  masked: "Your role may not see what it said",
  trait: (all: boolean, what: string, share: string) => `${all ? "all" : share} with ${what}`,
  others: (have: number, of: number) =>
    of === 0
      ? "no completed job to compare with"
      : have === 0
        ? `none of ${written(of, "en")} completed ones`
        : `${written(have, "en")} of ${written(of, "en")} completed ones`,
  traitsTitle: "What sets them apart",
  traitsNone: "Nothing that most of them have, and that completed jobs of the task mostly do not have.",
  traitsFew: "Of so few jobs nothing can be said.",
  kinds: { argument: "Argument", tag: "Tag", queue: "Queue", tenant: "Tenant", attempt: "Attempt" },
  have: "Failed with it",
  haveNot: "Completed with it",
  what: "What",
  of: (have: number, all: number) => `${written(have, "en")} of ${written(all, "en")}`,
  failsWith: (task: string, kind: string) => `${task} fails with ${kind}`,
  spanned: (jobs: number) => count(jobs),
  since: "first",
  lastly: "last",
  gone: "Nothing fails in this way any more",
  goneWhy: "Its jobs were run again, or deleted. What is shown below is what was known before.",
  example: "Example",
  exampleOf: "of job",
  shown: (number: number, of: number) => `the newest ${written(number, "en")} of ${written(of, "en")}`,
  place: "Raised in",
  queues: "Queues",
  fingerprint: "Fingerprint",
  about: "About this failure",
  retryAll: (number: number) => `Retry ${written(number, "en")}`,
  retryTry: "Retry 5 first",
  cancelAll: (number: number) => (number ? `Cancel ${written(number, "en")} to be retried` : "Cancel those to be retried"),
  deleteAll: (number: number) => `Delete ${written(number, "en")}`,
  noneFailed: "None of them has failed for good",
  noneRetrying: "None of them is to be retried",
  tooFew: "There are no more than five; retry them all",
  watched: "Five are being tried; wait for them, or stop watching",
  really: {
    retry: (number: number) => `Retry ${count(number)}?`,
    canary: (number: number) => `Retry 5 of ${count(number)} first?`,
    cancel: (number: number) => `Cancel ${count(number)}?`,
    delete: (number: number) => `Delete ${count(number)}?`,
  },
  effect: {
    retry: "They run anew, with all their attempts. Those that have not begun can be put back for ten minutes.",
    canary:
      "Five run anew, and this page watches them. If all five are completed, the others are retried; if one goes wrong, they are left alone. Leave this page, and they wait until you are back.",
    cancel: "They are not tried again, and are kept as cancelled.",
    delete: "They and their history are gone for good. What runs is left alone.",
  },
  done: {
    retry: (number: number) => `${count(number)} to be retried`,
    canary: (number: number) => `${count(number)} being tried`,
    cancel: (number: number) => `${count(number)} cancelled`,
    delete: (number: number) => `${count(number)} deleted`,
  },
  verbs: { retry: "Retry", canary: "Try", cancel: "Cancel", delete: "Delete" },
  canary: {
    title: "Five first",
    trying: (done: number, of: number, rest: number) =>
      `${written(done, "en")} of ${written(of, "en")} have passed. The other ${written(rest, "en")} wait until all have.`,
    passed: (of: number) => `All ${written(of, "en")} have passed; the others are being retried.`,
    finished: (of: number, rest: number) =>
      `All ${written(of, "en")} have passed, and the other ${written(rest, "en")} are to be retried.`,
    stopped: (failed: number, of: number, rest: number) =>
      `${written(failed, "en")} of ${written(of, "en")} went wrong again. The other ${written(rest, "en")} were left alone.`,
    unsaid: "All have passed, but the others could not be retried.",
    back: (of: number, rest: number) =>
      `All ${written(of, "en")} have passed while nobody watched. The other ${written(rest, "en")} wait for your word.`,
    asked: (rest: number) => `It was asked for the other ${written(rest, "en")} to be retried. What became of it is among the`,
    goNow: (rest: number) => `Retry the other ${written(rest, "en")}`,
    stay: "The others go by themselves as long as this page is open. Leave it, and the trial waits here for you.",
    goOn: (rest: number) => `Retry the other ${written(rest, "en")} all the same`,
    stop: "Stop watching",
    close: "Done",
    slow: "None has ended yet. Does a worker run for their queue?",
    gone: "not there any more",
  },
};
