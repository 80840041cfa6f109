import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";

import { Time } from "../../design/Time";
import { Said } from "../../design/Said";
import { useText } from "../../i18n/text";
import { faultSaid, type Job, tracesQuery } from "../../server/jobs";
import { useMay } from "../../server/session";
import styles from "./History.module.css";
import { triesOf } from "./tries";

/** What happened to a job, and who did it, the last first. */
export function History({ job }: { job: Job }) {
  const words = useText("jobs");
  const text = words.jobs;
  const may = useMay("audit.read");
  const { data } = useQuery({ ...tracesQuery(job.id), enabled: may });
  const steps: { at: string; said: ReactNode; key: string }[] = [
    { at: job.created_at, said: text.created, key: "created" },
    ...triesOf(job.attempts ?? [], words).flatMap(({ attempt, name }) => [
      { at: attempt.started_at, said: text.started(name), key: `s${attempt.number}${attempt.started_at}` },
      ...(attempt.ended_at
        ? [
            {
              at: attempt.ended_at,
              said: `${name}: ${text.endings[attempt.ending ?? ""] ?? attempt.ending ?? ""}${attempt.error ? `: ${faultSaid(attempt.error)}` : ""}`,
              key: `e${attempt.number}${attempt.ended_at}`,
            },
          ]
        : []),
    ]),
    ...(data?.lines ?? []).map((line) => ({
      at: line.at,
      said: (
        <>
          <code>{line.action}</code> <Said>{line.actor}</Said>
          {line.reason ? (
            <>
              : <Said>{line.reason}</Said>
            </>
          ) : null}
        </>
      ),
      key: `a${line.position}`,
    })),
  ];
  steps.sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  return (
    <>
      <ol className={styles.steps}>
        {steps.map((step) => (
          <li key={step.key}>
            <Time at={step.at} />
            <span>{step.said}</span>
          </li>
        ))}
      </ol>
      {may ? null : <p className={styles.note}>{text.historyForbidden}</p>}
    </>
  );
}
