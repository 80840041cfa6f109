/** The attempts of a job, told apart: a number comes again when it was given back, or all began anew. */

import type { Text } from "../../i18n/text";
import type { Attempt } from "../../server/jobs";
import type { JobSeen } from "../../server/seen";

export interface Try {
  attempt: Attempt;
  name: string;
}

/** Each attempt, and what it is called. */
export function triesOf(attempts: readonly Attempt[], text: Text<"jobs">): Try[] {
  const times = new Map<number, number>();
  return attempts.map((attempt) => {
    const time = (times.get(attempt.number) ?? 0) + 1;
    times.set(attempt.number, time);
    return { attempt, name: text.jobs.attemptOf(attempt.number, time) };
  });
}

/** The one that is asked for, of several with its number the last; else the last of all. */
export function meantBy<T extends { attempt: Attempt }>(tries: readonly T[], seen: JobSeen): T | undefined {
  const ofNumber = tries.filter(({ attempt }) => attempt.number === seen.attempt);
  return ofNumber.find(({ attempt }) => attempt.started_at === seen.began) ?? ofNumber.at(-1) ?? tries.at(-1);
}
