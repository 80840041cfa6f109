import type { Job } from "../../server/jobs";

/** What one wants to know beside a job's state: its error, how far it is, or why it stands. */
export function note(job: Job): string {
  if (job.error) return `${job.error.kind}: ${job.error.message}`;
  if (job.progress && job.state === "running") {
    return `${Math.round(job.progress.percent)} % ${job.progress.message}`.trim();
  }
  return job.gate || job.reason;
}
