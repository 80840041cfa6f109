import { Link } from "@tanstack/react-router";

import { inWords } from "../../time/length";
import { useNow } from "../../time/clock";
import { useText } from "../../i18n/text";
import { faultSaid, type Job } from "../../server/jobs";
import type { JobSeen } from "../../server/seen";
import styles from "./Attempts.module.css";
import { meantBy, triesOf } from "./tries";

/** Each attempt as a bar, one below the other, on one line of time. */
export function Attempts({ job, seen }: { job: Job; seen: JobSeen }) {
  const text = useText("jobs");
  const now = useNow();
  const tries = triesOf(job.attempts ?? [], text);
  if (tries.length === 0) return null;
  const chosen = seen.attempt === undefined ? undefined : meantBy(tries, seen);
  const begun = Date.parse(job.created_at);
  const end = job.finished_at ? Date.parse(job.finished_at) : Math.max(now, begun + 1);
  const whole = Math.max(end - begun, 1);
  const share = (moment: number) => `${Math.min(100, Math.max(0, ((moment - begun) / whole) * 100))}%`;
  return (
    <ol className={styles.lanes} aria-label={text.jobs.attempts}>
      {tries.map((each) => {
        const { attempt, name } = each;
        const start = Date.parse(attempt.started_at);
        const stop = attempt.ended_at ? Date.parse(attempt.ended_at) : end;
        const length = inWords(stop - start, text.common.units);
        return (
          <li key={`${attempt.number}-${attempt.started_at}`} data-chosen={each === chosen} title={attempt.error ? faultSaid(attempt.error) : undefined}>
            <Link to="/jobs/$id" params={{ id: job.id }} search={{ attempt: attempt.number, began: attempt.started_at }} resetScroll={false}>
              {name}
            </Link>
            <span className={styles.lane} aria-hidden>
              <i style={{ insetInlineStart: share(start), width: `max(3px, calc(${share(stop)} - ${share(start)}))` }} data-ending={attempt.ending ?? "running"} />
            </span>
            <span className={styles.ending}>{attempt.ending ? (text.jobs.endings[attempt.ending] ?? attempt.ending) : text.common.states.running.toLowerCase()}</span>
            <span className={styles.length}>{length}</span>
          </li>
        );
      })}
    </ol>
  );
}
