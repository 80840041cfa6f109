import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Mark, STATES, type State } from "../../design/Mark";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Tabs } from "../../design/Tabs";
import { Time } from "../../design/Time";
import { useText, type Text } from "../../i18n/text";
import { spelled, type Filter } from "../../server/filter";
import { jobsQuery, PAGE, type Job } from "../../server/jobs";
import { Failed } from "../../shell/Broken";
import { Acts } from "./Acts";
import { Chips } from "./Chips";
import { note } from "./note";
import { useChosen } from "./useChosen";

/** All jobs, or those that the URL narrows them to. */
export function List() {
  const text = useText();
  const filter = useSearch({ from: "/inside/jobs" });
  const navigate = useNavigate({ from: "/jobs" });
  const { data, error, isPlaceholderData, refetch } = useQuery(jobsQuery(filter));
  const jobs = data?.jobs ?? [];
  const chosen = useChosen(jobs);
  const [all, setAll] = useState(false);
  const narrow = (next: Filter) => void navigate({ search: next });
  const { after, ...narrowed } = filter;
  const more = data?.cursor !== null && data !== undefined;
  return (
    <>
      <Head
        title={spelled(narrowed) && !after && data ? text.jobs.title(jobs.length, more) : text.jobs.titleAll}
        acts={<Link to="/jobs/new">{text.jobs.new}</Link>}
      />
      <Chips filter={narrowed} onChange={narrow} />
      <StateTabs filter={narrowed} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton name={text.common.loading} rows={PAGE} /> : null}
      {data && jobs.length === 0 ? (
        <Nothing more={spelled(narrowed) ? <Link to="/jobs">{text.jobs.showAll}</Link> : <code>{text.jobs.example}</code>}>
          {spelled(narrowed) ? text.jobs.noneMatch : text.jobs.noneYet}
        </Nothing>
      ) : null}
      {jobs.length ? (
        <div aria-busy={isPlaceholderData}>
          <Acts
            chosen={chosen.jobs}
            everything={all ? narrowed : undefined}
            onAll={more || after ? () => setAll(!all) : undefined}
            done={() => {
              chosen.clear();
              setAll(false);
            }}
          />
          <Table
            title={text.jobs.titleAll}
            rows={jobs}
            keyOf={(job) => job.id}
            columns={columns(text)}
            chosen={{
              has: (job) => all || chosen.has(job),
              toggle: chosen.toggle,
              toggleAll: chosen.toggleAll,
              all: all || chosen.jobs.length === jobs.length,
              nameOf: (job) => text.jobs.choose(job.task),
              allName: text.jobs.chooseAll,
            }}
          />
          <Pages filter={narrowed} after={after} cursor={data?.cursor ?? null} />
        </div>
      ) : null}
    </>
  );
}

function columns(text: Text): Column<Job>[] {
  return [
    {
      name: "task",
      head: text.jobs.task,
      kind: "name",
      cell: (job) => (
        <Link to="/jobs/$id" params={{ id: job.id }}>
          <Mark state={job.state} name={text.common.states[job.state]} /> {job.task}
        </Link>
      ),
    },
    { name: "note", head: text.jobs.note, kind: "cut", cell: (job) => <span title={note(job)}>{note(job)}</span> },
    {
      name: "queue",
      head: text.jobs.queue,
      spare: true,
      cell: (job) => (
        <Link to="/jobs" search={{ queue: [job.queue] }}>
          {job.queue}
        </Link>
      ),
    },
    {
      name: "attempt",
      head: text.jobs.attempt,
      kind: "number",
      cell: (job) => `${job.attempt}/${job.max_attempts}`,
    },
    { name: "enqueued", head: text.jobs.enqueued, kind: "number", cell: (job) => <Time at={job.created_at} only="ago" /> },
  ];
}

function StateTabs({ filter }: { filter: Filter }) {
  const text = useText();
  const { state, ...rest } = filter;
  const one = state?.length === 1 ? state[0] : undefined;
  return (
    <Tabs
      name={text.jobs.state}
      tabs={[
        { name: text.jobs.all, to: "/jobs", search: rest, current: state === undefined },
        ...STATES.map((each: State) => ({
          name: (
            <>
              <Mark state={each} /> {text.common.states[each]}
            </>
          ),
          key: each,
          to: "/jobs",
          search: { ...rest, state: [each] },
          current: one === each,
        })),
      ]}
    />
  );
}

/** The way to older jobs, and back to the newest. */
function Pages({ filter, after, cursor }: { filter: Filter; after: string | undefined; cursor: string | null }) {
  const text = useText().common;
  const navigate = useNavigate({ from: "/jobs" });
  return (
    <nav aria-label={text.pages}>
      {after ? <Button onClick={() => void navigate({ search: filter })}>{text.newest}</Button> : null}{" "}
      {cursor ? (
        <Button onClick={() => void navigate({ search: { ...filter, after: cursor } })}>{text.older}</Button>
      ) : (
        <small>{text.pageEnd}</small>
      )}
    </nav>
  );
}
