import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { Facts } from "../../design/Facts";
import { Json } from "../../design/Json";
import { Skeleton } from "../../design/Notice";
import { Beside, Head, Section } from "../../design/Page";
import { Length, Time } from "../../design/Time";
import { Said } from "../../design/Said";
import { useText } from "../../i18n/text";
import type { Filter } from "../../server/seen";
import { jobQuery } from "../../server/jobs";
import { person } from "../../server/names";
import { operationQuery, type Operation } from "../../server/operations";
import type { Asks } from "../../server/queries";
import { Unshown } from "../../shell/Broken";
import { Undo } from "./Undo";

export const asks: Asks = ({ params: { id = "" } }) => [operationQuery(id)];

/** One change of many jobs. */
export function Detail() {
  const text = useText("jobs", "operations");
  const words = text.operations;
  const { id } = useParams({ from: "/inside/operations/$id" });
  const { data: operation, error, refetch } = useQuery(operationQuery(id));
  if (error && !operation) return <Unshown title={words.title} error={error} again={() => void refetch()} />;
  if (!operation) return <Skeleton name={text.common.loading} />;
  const can = operation.undo_refused === null;
  return (
    <>
      <Head
        title={words.did(operation.verb, operation.changed)}
        before={
          <p>
            <Link to="/operations">{words.title}</Link> / <code>{operation.id}</code>
          </p>
        }
        lede={
          <p>
            {words.states[operation.state]}.{operation.reason ? <> {words.reason}: <Said>{operation.reason}</Said></> : null}
          </p>
        }
        acts={<Undo operation={operation} kind={can ? "main" : "plain"} />}
      />
      <Beside name={words.what} aside={<About operation={operation} />}>
        <p>
          {operation.undo_refused === null ? words.undoWhy : words.refused[operation.undo_refused]}
          {operation.undone_at === null ? null : ` ${text.common.putBack(operation)}.`}
        </p>
        {operation.job ? <Rest id={operation.job} /> : null}
        {operation.filter ? (
          <Section title={words.meantFilter} aside={<Link to="/jobs" search={filterOf(operation.filter)}>{words.toJobs}</Link>}>
            <Json value={operation.filter} name={words.meantFilter} />
          </Section>
        ) : null}
        {Object.keys(operation.given).length ? (
          <Section title={words.given}>
            <Json value={operation.given} name={words.given} />
          </Section>
        ) : null}
      </Beside>
    </>
  );
}

function About({ operation }: { operation: Operation }) {
  const text = useText("jobs", "operations");
  const words = text.operations;
  const length = (Date.parse(operation.ended_at) - Date.parse(operation.began_at)) / 1_000;
  return (
    <Facts
      facts={[
        [words.who, person(operation.who)],
        [words.when, <Time key="w" at={operation.began_at} />],
        [text.jobs.ran, <Length key="l" seconds={length} />],
        [words.what, operation.meant === null ? words.meantFilter : words.meantIds(operation.meant)],
        [words.changed, text.common.count(operation.changed)],
        [words.skipped, operation.skipped ? `${text.common.count(operation.skipped)} (${words.skippedWhy})` : ""],
        [words.job, operation.job && <Link key="j" to="/jobs/$id" params={{ id: operation.job }}><code>{operation.job}</code></Link>],
        [words.until, operation.undo_until && <Time key="u" at={operation.undo_until} />],
        [words.undoneBy, operation.undone_at && <span key="b">{person(operation.undone_by)}, <Time at={operation.undone_at} /></span>],
      ]}
    />
  );
}

/** How far the job is that goes on with it, in its own words. */
function Rest({ id }: { id: string }) {
  const text = useText("jobs", "operations");
  const { data: job } = useQuery(jobQuery(id));
  if (!job) return null;
  return (
    <Section title={text.operations.job}>
      <p>
        <Link to="/jobs/$id" params={{ id }}>
          {text.jobs.is(job.task, job.state)}
        </Link>
        {job.progress?.message ? <>: <Said>{job.progress.message}</Said></> : null}
      </p>
    </Section>
  );
}

/** What a filter asked for, as far as the list of jobs can say it. */
function filterOf(filter: Record<string, unknown>): Filter {
  const list = (name: string) => {
    const found = filter[name];
    return Array.isArray(found) && found.length ? found.map(String) : undefined;
  };
  return {
    state: list("states") as Filter["state"],
    queue: list("queues"),
    task: list("tasks"),
    tag: list("tags"),
    batch: typeof filter["batch"] === "string" ? filter["batch"] : undefined,
  };
}
