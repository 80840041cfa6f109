import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { lazy, Suspense } from "react";

import { Facts } from "../../design/Facts";
import { Json } from "../../design/Json";
import { Mark } from "../../design/Mark";
import { Skeleton } from "../../design/Notice";
import { Beside, Head, Section } from "../../design/Page";
import { Tabs } from "../../design/Tabs";
import { Length, Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { isGone } from "../../server/http";
import { jobQuery, type Job } from "../../server/jobs";
import type { Asks } from "../../server/queries";
import { PARTS, type JobSeen } from "../../server/seen";
import { Unshown } from "../../shell/Broken";
import { Fault } from "../../shell/fault/Fault";
import { Attempts } from "./Attempts";
import styles from "./Detail.module.css";
import { Gone } from "./Gone";
import { History } from "./History";
import { Related, Source } from "./Related";
import { Story } from "./Story";
import { meantBy, triesOf } from "./tries";
import { Verbs } from "./Verbs";
import { Why } from "./Why";

const fetchLog = () => import("./Log");
const Log = lazy(async () => ({ default: (await fetchLog()).Log }));
// It comes beside the job, not after it.
void fetchLog().catch(() => undefined);

const RESTING: readonly string[] = ["blocked", "scheduled", "waiting", "retrying"];

export const asks: Asks = ({ params }) => [jobQuery(params["id"] ?? "")];

/** One job: what became of it, its attempts, what it was given, what it said. */
export function Detail() {
  const text = useText("jobs");
  const { id } = useParams({ from: "/inside/jobs/$id" });
  const seen = useSearch({ from: "/inside/jobs/$id" });
  const navigate = useNavigate({ from: "/jobs/$id" });
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  if (isGone(error)) return <Gone id={id} />;
  if (error && !job) {
    return <Unshown title={text.jobs.titleAll} error={error} again={() => void refetch()} />;
  }
  if (!job) return <Skeleton name={text.common.loading} />;
  const tab = seen.tab ?? "attempt";
  const go = (next: JobSeen) => void navigate({ search: next, replace: true, resetScroll: false });
  return (
    <>
      <Head
        title={text.jobs.is(job.task, job.state)}
        before={
          <p className={styles.path}>
            <Link to="/jobs">{text.jobs.titleAll}</Link> / <Link to="/jobs" search={{ queue: [job.queue] }}>{job.queue}</Link> /{" "}
            <Mark state={job.state} /> <code>{job.id}</code>
          </p>
        }
        lede={<Story job={job} />}
        acts={<Verbs job={job} />}
      />
      <Attempts job={job} seen={seen} />
      <Beside name={text.jobs.about} aside={<About job={job} />}>
        <Tabs
          name={text.jobs.parts}
          tabs={PARTS.map((each) => ({
            name: text.jobs.tabs[each],
            to: `/jobs/${encodeURIComponent(id)}`,
            search: each === "attempt" ? {} : { tab: each },
            current: each === tab,
          }))}
        />
        <div className={styles.part}>
          {tab === "attempt" ? <Tried job={job} seen={seen} go={go} /> : null}
          {tab === "payload" ? <Held job={job} what={job.arguments === "***" ? undefined : job.arguments} name={text.jobs.arguments} /> : null}
          {tab === "result" ? <Result job={job} /> : null}
          {tab === "history" ? <History job={job} /> : null}
          {tab === "related" ? <Related job={job} /> : null}
        </div>
      </Beside>
    </>
  );
}

/** What one attempt came to: the one that is asked for, or the last. */
function Tried({ job, seen, go }: { job: Job; seen: JobSeen; go: (next: JobSeen) => void }) {
  const words = useText("jobs");
  const text = words.jobs;
  const tries = triesOf(job.attempts ?? [], words);
  const tried = meantBy(tries, seen);
  const attempt = tried?.attempt;
  const error = seen.attempt === undefined ? (job.error ?? attempt?.error ?? null) : (attempt?.error ?? null);
  return (
    <>
      {RESTING.includes(job.state) ? <Why id={job.id} /> : null}
      {error ? (
        <Section
          title={text.error}
          aside={
            <>
              {tried?.name}
              {tried && job.failure ? " · " : null}
              {job.failure ? (
                <Link to="/failures/$fingerprint" params={{ fingerprint: job.failure }}>
                  {text.alike}
                </Link>
              ) : null}
            </>
          }
        >
          {job.masked ? <p>{text.hiddenWhy}</p> : null}
          <Fault error={error} />
        </Section>
      ) : null}
      {!error && seen.attempt !== undefined ? <p>{text.noError}</p> : null}
      {tries.length === 0 && !RESTING.includes(job.state) ? <p>{text.noAttempt}</p> : null}
      <Suspense fallback={<Skeleton name={text.log} rows={4} />}>
        <Log id={job.id} seen={seen} go={go} />
      </Suspense>
    </>
  );
}

function Result({ job }: { job: Job }) {
  const text = useText("jobs").jobs;
  if (job.state !== "completed") return <p>{text.noResult}</p>;
  return <Held job={job} what={job.masked ? undefined : (job.result ?? null)} name={text.result} />;
}

/** What a job holds, or why it is not shown. */
function Held({ job, what, name }: { job: Job; what: unknown; name: string }) {
  const text = useText("jobs").jobs;
  if (job.masked || what === undefined) {
    return (
      <p>
        {text.masked} {text.hiddenWhy}
      </p>
    );
  }
  return <Json value={what} name={name} />;
}

function About({ job }: { job: Job }) {
  const text = useText("jobs").jobs;
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
        [names.batch, job.batch && <Link key="b" to="/jobs" search={{ batch: job.batch }}><code>{job.batch}</code></Link>],
        [names.key, job.unique_key],
        [names.limit, job.limit_key],
        [names.rate, job.rate_key],
        [names.source, job.source && <Source key="s" source={job.source} />],
        [names.waits, job.waits_for ? String(job.waits_for) : ""],
      ]}
    />
  );
}
