import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Facts } from "../../design/Facts";
import { Json } from "../../design/Json";
import { Mark } from "../../design/Mark";
import { Skeleton } from "../../design/Notice";
import { Beside, Head, Section } from "../../design/Page";
import { Length, Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { allows, jobQuery, type Job, type Verb } from "../../server/jobs";
import { useMay } from "../../server/session";
import { Failed } from "../../shell/Broken";
import { Attempts } from "./Attempts";
import { Confirm } from "./Confirm";
import styles from "./Detail.module.css";
import { Log } from "./Log";
import { Why } from "./Why";

/** One job: what became of it, its attempts, what it was given, what it said. */
export function Detail() {
  const text = useText();
  const { id } = useParams({ from: "/inside/jobs/$id" });
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  if (error) {
    return (
      <>
        <Head title={text.jobs.titleAll} />
        <Failed error={error} again={() => void refetch()} />
      </>
    );
  }
  if (!job) return <Skeleton name={text.common.loading} />;
  return (
    <>
      <Head
        title={text.jobs.is(job.task, text.common.states[job.state])}
        before={
          <p className={styles.path}>
            <Link to="/jobs">{text.jobs.titleAll}</Link> / <Link to="/jobs" search={{ queue: [job.queue] }}>{job.queue}</Link> /{" "}
            <Mark state={job.state} /> <code>{job.id}</code>
          </p>
        }
        acts={<Verbs job={job} />}
      />
      <Attempts job={job} />
      <Beside name={text.jobs.titleAll} aside={<About job={job} />}>
        {job.error ? (
          <Section title={text.jobs.error}>
            <div className={styles.error}>
              <strong>
                {job.error.kind}: {job.error.message}
              </strong>
              {job.error.traceback ? (
                <details>
                  <summary>{text.jobs.traceback}</summary>
                  <pre tabIndex={0}>{job.error.traceback}</pre>
                </details>
              ) : null}
            </div>
          </Section>
        ) : null}
        {job.started_at === null || ["blocked", "scheduled", "waiting", "retrying"].includes(job.state) ? <Why id={id} /> : null}
        <Log id={id} />
        <Section title={text.jobs.arguments}>
          {job.arguments === "***" ? <p>{text.jobs.masked}</p> : <Json value={job.arguments} name={text.jobs.arguments} />}
        </Section>
        {job.state === "completed" ? (
          <Section title={text.jobs.result}>
            {job.masked ? <p>{text.jobs.masked}</p> : <Json value={job.result ?? null} name={text.jobs.result} />}
          </Section>
        ) : null}
      </Beside>
    </>
  );
}

function Verbs({ job }: { job: Job }) {
  const text = useText();
  const navigate = useNavigate();
  const mayChange = useMay("jobs.change");
  const mayDelete = useMay("jobs.delete");
  const [verb, ask] = useState<Verb>();
  const shown = (["retry", "runNow", "cancel", "delete"] as const).filter((each) => allows(each, job));
  return (
    <>
      {shown.map((each, at) => (
        <Button
          key={each}
          kind={each === "delete" ? "grave" : at === 0 ? "main" : "plain"}
          refused={(each === "delete" ? mayDelete : mayChange) ? undefined : text.common.failed.forbidden("operator")}
          onClick={() => ask(each)}
        >
          {text.jobs[each]}
        </Button>
      ))}
      {verb ? (
        <Confirm
          verb={verb}
          meant={{ ids: [job.id] }}
          onClose={() => ask(undefined)}
          done={() => {
            if (verb === "delete") void navigate({ to: "/jobs" });
          }}
        />
      ) : null}
    </>
  );
}

function About({ job }: { job: Job }) {
  const text = useText().jobs;
  const names = text.facts;
  return (
    <Facts
      facts={[
        [text.queue, job.queue],
        [names.tenant, job.tenant],
        [names.priority, String(job.priority)],
        [text.attempt, `${job.attempt} / ${job.max_attempts}`],
        [text.enqueued, <Time key="e" at={job.created_at} />],
        [names.ready, <Time key="r" at={job.ready_at} />],
        [names.started, job.started_at && <Time at={job.started_at} />],
        [names.finished, job.finished_at && <Time at={job.finished_at} />],
        [text.ran, job.duration !== null && <Length seconds={job.duration} />],
        [names.expires, job.expires_at && <Time at={job.expires_at} />],
        [names.timeout, job.timeout !== null && <Length seconds={job.timeout} />],
        [names.tags, job.tags.join(", ")],
        [names.batch, job.batch],
        [names.key, job.unique_key],
        [names.limit, job.limit_key],
        [names.rate, job.rate_key],
        [names.source, job.source],
        [names.waits, job.waits_for ? String(job.waits_for) : ""],
      ]}
    />
  );
}
