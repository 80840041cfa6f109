import { visible } from "../../design/visible";
import { faultSaid, type Job } from "../../server/jobs";

/** What one wants to know beside a job's state: its error, how far it is, or why it stands. */
export function note(job: Job): string {
  if (job.error) return faultSaid(job.error);
  if (job.progress && job.state === "running") {
    return visible(`${Math.round(job.progress.percent)} % ${job.progress.message}`.trim());
  }
  return visible(job.gate || job.reason);
}
