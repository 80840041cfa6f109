import type { Job } from "../../server/jobs";

export const FEW = 5;

export type Ending = "passed" | "wrong" | "open" | "gone";

/** What became of one that is being tried: to be retried is to have gone wrong once more. */
export function endingOf(job: Pick<Job, "state"> | undefined): Ending {
  if (!job) return "gone";
  if (job.state === "completed") return "passed";
  return ["failed", "cancelled", "retrying"].includes(job.state) ? "wrong" : "open";
}

/** Whether the others may go, must not, or have to wait. */
export function verdict(endings: readonly Ending[]): "go" | "stop" | "wait" {
  if (endings.some((each) => each === "wrong" || each === "gone")) return "stop";
  return endings.every((each) => each === "passed") ? "go" : "wait";
}
