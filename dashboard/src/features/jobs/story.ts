/** What became of a job, in one sentence. */

import type { Text } from "../../i18n/text";
import { type Attempt, faultSaid, type Job } from "../../server/jobs";
import { inWords } from "../../time/length";

const ms = (moment: string | null | undefined) => (moment ? Date.parse(moment) : undefined);

/** How long it waited before it was first taken up, from when it was ready. */
function waitOf(job: Job, first: Attempt | undefined): number | undefined {
  const began = ms(first?.started_at) ?? ms(job.started_at);
  // `ready_at` is that of the last try; of several the first one was ready when it was enqueued.
  const ready = (job.attempts ?? []).length > 1 ? ms(job.created_at) : (ms(job.ready_at) ?? ms(job.created_at));
  return began === undefined || ready === undefined ? undefined : Math.max(0, began - ready);
}

export function storyOf(job: Job, text: Text<"jobs">, now: number): string {
  const words = text.jobs.story;
  const length = (millis: number) => inWords(millis, text.common.units);
  const attempts = job.attempts ?? [];
  const first = attempts[0];
  const failed = attempts.filter((each) => each.error !== null && each.ending !== null);
  const waited = waitOf(job, first);
  const begun = waited === undefined ? "" : `${words.first(words.waited(length(waited)))}, `;
  const finished = ms(job.finished_at) ?? now;
  switch (job.state) {
    case "scheduled":
      return words.due(length((ms(job.ready_at) ?? now) - now));
    case "blocked":
      return words.blocked;
    case "waiting":
      return words.waits(length(now - (ms(job.ready_at) ?? now)));
    case "running":
      return words.runs(length(now - (ms(job.started_at) ?? now)), job.attempt);
    case "retrying":
      return words.retrying(Math.max(1, failed.length), length((ms(job.ready_at) ?? now) - now));
    case "completed":
      return `${begun}${words.completed(length((job.duration ?? 0) * 1_000), job.attempt)}`;
    case "cancelled":
      return [words.cancelled(length(finished - Date.parse(job.created_at))), job.reason ? words.because(job.reason) : ""].join(" ").trim();
    case "failed": {
      if (failed.length === 0) return job.error === null && job.started_at === null ? words.failedUnrun : `${begun}${words.failed(1, length((job.duration ?? 0) * 1_000), true)}`;
      const over = finished - (ms(failed[0]?.started_at) ?? finished);
      const kinds = new Set(failed.map((each) => each.error && faultSaid(each.error)));
      return `${begun}${words.failed(failed.length, length(over), kinds.size === 1)}`;
    }
  }
}
