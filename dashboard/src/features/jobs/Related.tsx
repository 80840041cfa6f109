import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Mark } from "../../design/Mark";
import { Section } from "../../design/Page";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { batchQuery, causedQuery, whyQuery, type Job } from "../../server/jobs";
import styles from "./History.module.css";

/** Where a job comes from, what it waits for, and what belongs to it. */
export function Related({ job }: { job: Job }) {
  const text = useText("jobs").jobs;
  const caused = useQuery(causedQuery(job.id));
  const batch = useQuery({ ...batchQuery(job.batch ?? ""), enabled: job.batch !== null });
  const why = useQuery({ ...whyQuery(job.id), enabled: job.state === "blocked" });
  const parents = why.data?.causes.filter((cause) => cause.kind === "parents").flatMap((cause) => cause.jobs) ?? [];
  const others = batch.data?.jobs.filter((each) => each.id !== job.id) ?? [];
  return (
    <>
      <p>
        <Link to="/jobs" search={{ task: [job.task] }}>
          {text.sameTask}
        </Link>
        {job.unique_key && !job.masked ? (
          <>
            {" · "}
            <Link to="/jobs" search={{ key: job.unique_key }}>
              {text.sameKey}
            </Link>
          </>
        ) : null}
      </p>
      {job.source ? (
        <Section title={text.causedBy}>
          <Source source={job.source} />
        </Section>
      ) : null}
      {parents.length ? (
        <Section title={text.waitsFor}>
          <ul>
            {parents.map((id) => (
              <li key={id}>
                <Link to="/jobs/$id" params={{ id }}>
                  <code>{id}</code>
                </Link>
              </li>
            ))}
          </ul>
        </Section>
      ) : null}
      {job.batch ? (
        <Section title={text.sameBatch} aside={<Link to="/jobs" search={{ batch: job.batch }}>{text.all}</Link>}>
          <Jobs jobs={others} />
        </Section>
      ) : null}
      <Section title={text.caused} aside={caused.data?.cursor ? <Link to="/jobs" search={{ source: `job:${job.id}` }}>{text.all}</Link> : undefined}>
        {caused.data?.jobs.length === 0 ? <p>{text.causedNone}</p> : <Jobs jobs={caused.data?.jobs ?? []} />}
      </Section>
    </>
  );
}

/** What caused a job, with the way there where there is one. */
export function Source({ source }: { source: string }) {
  const text = useText("jobs").jobs.causes;
  const at = source.indexOf(":");
  const [kind, name] = [source.slice(0, at), source.slice(at + 1)];
  if (kind === "job") {
    return (
      <span>
        {text.job}{" "}
        <Link to="/jobs/$id" params={{ id: name }}>
          <code>{name}</code>
        </Link>
      </span>
    );
  }
  if (kind === "schedule") {
    return (
      <span>
        {text.schedule}{" "}
        <Link to="/schedules/$name" params={{ name }}>
          {name}
        </Link>
      </span>
    );
  }
  return <span>{kind === "event" ? `${text.event} ${name}` : source}</span>;
}

function Jobs({ jobs }: { jobs: readonly Job[] }) {
  const text = useText();
  return (
    <ul className={styles.steps}>
      {jobs.map((job) => (
        <li key={job.id}>
          <Time at={job.created_at} />
          <Link to="/jobs/$id" params={{ id: job.id }}>
            <Mark state={job.state} name={text.common.states[job.state]} /> {job.task}
          </Link>
        </li>
      ))}
    </ul>
  );
}
