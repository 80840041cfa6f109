import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import type { Job } from "../../server/jobs";
import { useNow } from "../../time/clock";
import { inWords } from "../../time/length";
import styles from "./Story.module.css";
import { storyOf } from "./story";

/** The sentence below a job's name, and how far it is while it runs. */
export function Story({ job }: { job: Job }) {
  const text = useText("jobs");
  const now = useNow();
  return (
    <>
      <p>{storyOf(job, text, now)}</p>
      {job.progress && job.state === "running" ? <Progress job={job} progress={job.progress} now={now} /> : null}
    </>
  );
}

function Progress({ job, progress, now }: { job: Job; progress: NonNullable<Job["progress"]>; now: number }) {
  const text = useText("jobs");
  const percent = Math.min(100, Math.max(0, progress.percent));
  const begun = job.started_at ? Date.parse(job.started_at) : now;
  const said = Date.parse(progress.at);
  // By its pace until it last said how far it was; counted down from there.
  const whole = percent > 0 ? ((said - begun) / percent) * 100 : undefined;
  const left = whole === undefined || percent >= 100 ? undefined : Math.max(0, begun + whole - now);
  const parts = [
    `${Math.round(percent)} %`,
    progress.of > 0 ? text.jobs.stepOf(progress.step, progress.of) : "",
    visible(progress.message),
    left === undefined || percent < 1 ? "" : text.jobs.left(inWords(left, text.common.units)),
  ];
  return (
    <div className={styles.progress}>
      <progress value={percent} max={100} aria-label={text.jobs.progress} />
      <span>{parts.filter(Boolean).join(" · ")}</span>
    </div>
  );
}
