import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Facts } from "../../design/Facts";
import { Mark } from "../../design/Mark";
import { Land, Skeleton } from "../../design/Notice";
import { Beside, Head, Section } from "../../design/Page";
import { Table } from "../../design/Table";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import { failureQuery, type FailureJobs, type Trait } from "../../server/failures";
import { isGone } from "../../server/http";
import type { Job } from "../../server/jobs";
import type { Asks } from "../../server/queries";
import { useMay } from "../../server/session";
import { Failed } from "../../shell/Broken";
import { Fault } from "../../shell/fault/Fault";
import { now } from "../../time/clock";
import { Act, type Verb } from "./Act";
import styles from "./Detail.module.css";
import { Spark } from "./Spark";
import { Trial } from "./Trial";
import { useTrial, type Trying } from "./useTrial";
import { FEW } from "./verdict";
import { spelled } from "./words";

export const asks: Asks = ({ params: { fingerprint = "" } }) => [failureQuery(fingerprint)];

/** One failure: what it is, what its jobs have in common, and what can be done about them. */
export function Detail() {
  const text = useText("failures", "jobs");
  const { fingerprint } = useParams({ from: "/inside/failures/$fingerprint" });
  const { data, error, refetch } = useQuery(failureQuery(fingerprint));
  const { trying, tell } = useTrial(fingerprint);
  if (!data) {
    return (
      <>
        <Head
          title={isGone(error) ? text.failures.gone : text.failures.title}
          before={
            <p className={styles.path}>
              <Link to="/failures">{text.failures.title}</Link>
            </p>
          }
        />
        {error ? <Failed error={error} again={() => void refetch()} /> : <Skeleton name={text.common.loading} />}
      </>
    );
  }
  const { failure } = data;
  const gone = isGone(error);
  return (
    <>
      <Head
        title={gone ? text.failures.gone : text.failures.failsWith(failure.task, failure.kind)}
        before={
          <p className={styles.path}>
            <Link to="/failures">{text.failures.title}</Link> /{" "}
            <Link to="/failures" search={{ task: failure.task }}>
              {failure.task}
            </Link>
          </p>
        }
        lede={
          gone ? (
            text.failures.goneWhy
          ) : (
            <>
              {text.failures.spanned(failure.count)}, {text.failures.since} <Time at={failure.first_at} />,{" "}
              {text.failures.lastly} <Time at={failure.last_at} />
            </>
          )
        }
        acts={gone ? null : <Verbs key={fingerprint} found={data} trying={trying} tryThem={tell} />}
      />
      {error && !gone ? <Failed error={error} again={() => void refetch()} /> : null}
      {trying ? (
        <div className={styles.notice}>
          <Trial key={trying.since} trying={trying} onGo={() => tell({ ...trying, asked: true })} onEnd={() => tell(undefined)} />
        </div>
      ) : null}
      <Beside name={text.failures.about} aside={<About found={data} />}>
        <Spark failure={failure} tall />
        <Traits found={data} />
        <Example found={data} />
        <Jobs found={data} />
      </Beside>
    </>
  );
}

function Verbs({
  found,
  trying,
  tryThem,
}: {
  found: FailureJobs;
  trying: Trying | undefined;
  tryThem: (trying: Trying) => void;
}) {
  const text = useText("failures", "jobs");
  const words = text.failures;
  const mayChange = useMay("jobs.change") ? undefined : text.common.failed.forbidden("operator");
  const mayDelete = useMay("jobs.delete") ? undefined : text.common.failed.forbidden("operator");
  const [verb, ask] = useState<Verb>();
  const { failed, retrying } = found;
  const all = [...failed, ...retrying];
  const noneFailed = failed.length ? undefined : words.noneFailed;
  const few = failed.slice(0, FEW);
  const begun = { retry: failed, canary: few, cancel: retrying, delete: all };
  const busy = trying ? words.watched : undefined;
  return (
    <>
      <Button
        kind="main"
        refused={mayChange ?? noneFailed ?? busy ?? (failed.length > FEW ? undefined : words.tooFew)}
        onClick={() => ask("canary")}
      >
        {words.retryTry}
      </Button>
      <Button refused={mayChange ?? noneFailed} onClick={() => ask("retry")}>
        {words.retryAll(failed.length)}
      </Button>
      <Button refused={mayChange ?? (retrying.length ? undefined : words.noneRetrying)} onClick={() => ask("cancel")}>
        {words.cancelAll(retrying.length)}
      </Button>
      <Button kind="grave" refused={mayDelete} onClick={() => ask("delete")}>
        {words.deleteAll(all.length)}
      </Button>
      {verb ? (
        <Act
          verb={verb}
          ids={verb === "canary" ? failed : begun[verb]}
          begun={begun[verb]}
          onClose={() => ask(undefined)}
          done={(reason) => {
            if (verb === "canary") tryThem({ few, rest: failed.slice(FEW), reason, since: now() });
          }}
        />
      ) : null}
    </>
  );
}

function Traits({ found }: { found: FailureJobs }) {
  const text = useText("failures", "jobs");
  const words = text.failures;
  const { traits, count } = found.failure;
  return (
    <Section title={words.traitsTitle}>
      {traits.length ? (
        <Table<Trait>
          title={words.traitsTitle}
          rows={traits}
          keyOf={(trait) => spelled(trait, text)}
          columns={[
            { name: "what", head: words.what, kind: "name", cell: (each) => <span className={styles.trait}>{spelled(each, text)}</span> },
            { name: "have", head: words.have, kind: "number", cell: (each) => words.of(each.have, each.of) },
            { name: "others", head: words.haveNot, kind: "number", cell: (each) => words.of(each.others_have, each.others) },
          ]}
        />
      ) : (
        <p>{count < 3 ? words.traitsFew : words.traitsNone}</p>
      )}
    </Section>
  );
}

function Example({ found }: { found: FailureJobs }) {
  const text = useText("failures", "jobs");
  const job = found.jobs.find((each) => each.error);
  if (!job?.error) return null;
  return (
    <Section
      title={text.failures.example}
      aside={
        <>
          {text.failures.exampleOf} <Link to="/jobs/$id" params={{ id: job.id }}><code>{job.id}</code></Link>
        </>
      }
    >
      {job.error.message === "***" ? (
        <p className={styles.said}>
          <strong>{job.error.kind}</strong>: {text.failures.masked}
        </p>
      ) : (
        <Fault error={job.error} />
      )}
    </Section>
  );
}

function Jobs({ found }: { found: FailureJobs }) {
  const text = useText("failures", "jobs");
  return (
    <Section title={text.failures.jobs} aside={text.failures.shown(found.jobs.length, found.failure.count)}>
      <Table<Job>
        title={text.failures.jobs}
        rows={found.jobs}
        keyOf={(job) => job.id}
        columns={[
          {
            name: "id",
            head: text.jobs.id,
            kind: "name",
            cell: (job) => (
              <Link to="/jobs/$id" params={{ id: job.id }} className={styles.id ?? ""}>
                <Mark state={job.state} name={text.common.states[job.state]} /> <code>{job.id}</code>
              </Link>
            ),
          },
          { name: "said", head: text.jobs.error, kind: "cut", cell: (job) => (job.error ? visible(job.error.message) : null) },
          { name: "attempt", head: text.jobs.attempt, kind: "number", cell: (job) => `${job.attempt}/${job.max_attempts}` },
          {
            name: "at",
            head: text.failures.last,
            kind: "number",
            cell: (job) => <Time at={job.finished_at ?? job.started_at ?? job.created_at} only="ago" />,
          },
        ]}
      />
    </Section>
  );
}

function About({ found }: { found: FailureJobs }) {
  const text = useText("failures", "jobs");
  const { failure } = found;
  return (
    <>
      {found.more ? (
        <Land title={text.common.asOf(text.common.now)}>
          <p>{text.failures.searched(found.searched)}</p>
        </Land>
      ) : null}
      <Facts
        facts={[
          [text.failures.task, failure.task],
          [text.failures.place, failure.place && <code>{failure.place}</code>],
          [
            text.failures.queues,
            failure.queues.map((each) => (
              <span key={each.queue}>
                <Link to="/jobs" search={{ queue: [each.queue], task: [failure.task], state: ["failed", "retrying"] }}>
                  {each.queue}
                </Link>{" "}
                {text.common.count(each.count)}{" "}
              </span>
            )),
          ],
          [text.failures.states.failed, text.common.count(failure.failed)],
          [text.failures.states.retrying, text.common.count(failure.retrying)],
          [text.failures.first, <Time key="f" at={failure.first_at} />],
          [text.failures.last, <Time key="l" at={failure.last_at} />],
          [text.failures.fingerprint, <code key="p">{failure.fingerprint}</code>],
        ]}
      />
    </>
  );
}
