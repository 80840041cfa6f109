import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useMemo, useState } from "react";

import { ButtonLink } from "../../design/ButtonLink";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Pages } from "../../design/Pages";
import { Table } from "../../design/Table";
import { useText } from "../../i18n/text";
import { spelled, understood } from "../../server/filter";
import type { Asks } from "../../server/queries";
import { readList, type Filter, type Seen } from "../../server/seen";
import { countsQuery, jobsQuery, PAGE, type Job } from "../../server/jobs";
import { Failed } from "../../shell/Broken";
import { useBusy } from "../../shell/busy";
import { Fresh } from "../../shell/Fresh";
import { useGathered } from "../../shell/gather";
import { useVerbs } from "../../shell/keys";
import { useRows } from "../../shell/useRows";
import { Acts } from "./Acts";
import { Bar } from "./Bar";
import { columnsOf, shownOf } from "./columns";
import { Find } from "./Find";
import styles from "./List.module.css";
import { StateTabs, sumOf } from "./StateTabs";
import { useChosen } from "./useChosen";

const Peek = lazy(async () => ({ default: (await import("./Peek")).Peek }));

export const asks: Asks = ({ search }) => {
  const { peek: _, cols: __, size, ...filter } = readList(search);
  return [jobsQuery(filter, size), countsQuery(filter)];
};

/** All jobs, or those that the URL narrows them to. */
export function List() {
  const text = useText("jobs");
  const { peek, cols, size, ...filter } = useSearch({ from: "/inside/jobs" });
  const navigate = useNavigate({ from: "/jobs" });
  const { data, error, isPlaceholderData, refetch } = useQuery(jobsQuery(filter, size));
  const counts = useQuery(countsQuery(filter)).data?.states;
  const { busy, list } = useBusy();
  const [all, setAll] = useState(false);
  const { after, ...narrowed } = filter;
  const said = spelled(narrowed);
  const latest = data?.jobs ?? NONE;
  const [held, hold] = useState(false);
  const { rows: jobs, fresh, show } = useGathered(latest, idOf, busy || held || peek !== undefined, isPlaceholderData ? undefined : JSON.stringify([filter, size]));
  const chosen = useChosen(jobs);
  if (held !== chosen.jobs.length > 0) hold(chosen.jobs.length > 0);
  const shown = { ...(cols ? { cols } : {}), ...(size ? { size } : {}) };
  const look = (next: Seen) => void navigate({ search: { ...next, ...shown } });
  const close = useCallback(() => void navigate({ search: (there) => ({ ...there, peek: undefined }), replace: true }), [navigate]);
  const open = (id: string) => void navigate({ search: (there) => ({ ...there, peek: id }), replace: true });
  const at = useRows({
    keys: jobs.map((job) => job.id),
    open: (row) => void navigate({ to: "/jobs/$id", params: { id: jobs[row]!.id } }),
    choose: (row, upTo) => chosen.toggle(jobs[row]!, upTo),
  });
  const here = at === undefined ? undefined : jobs[at];
  useVerbs([
    { name: text.jobs.peekHere, key: "o", act: () => here && open(here.id), refused: here ? undefined : text.jobs.standFirst },
    ...(fresh ? [{ name: text.jobs.fresh(fresh), key: "n", act: show }] : []),
  ]);
  const columns = useMemo(() => columnsOf(text, shownOf(cols)), [text, cols]);
  const more = data?.cursor !== null && data !== undefined;
  const pages = (
    <Pages
      newest={after ? () => look(narrowed) : undefined}
      older={data?.cursor ? () => look({ ...narrowed, after: data.cursor ?? undefined }) : undefined}
    />
  );
  const sum = counts && sumOf(counts, narrowed.state);
  return (
    <>
      <Head
        title={said && sum ? (sum.count || sum.more ? text.jobs.title(sum.count, sum.more) : text.jobs.noneMatch.replace(/\.$/, "")) : text.jobs.titleAll}
        acts={<ButtonLink to="/jobs/new">{text.jobs.new}</ButtonLink>}
      />
      <Find filter={narrowed} onChange={look} tags={[...new Set(jobs.flatMap((job) => job.tags))]} />
      <Bar seen={{ ...filter, ...shown }} />
      <StateTabs filter={narrowed} shown={shown} counts={counts} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton name={text.common.loading} rows={size ?? PAGE} /> : null}
      {data && jobs.length === 0 ? (
        data.cursor === null ? (
          <Empty filter={narrowed} />
        ) : (
          <>
            <Nothing>{text.jobs.farther}</Nothing>
            {pages}
          </>
        )
      ) : null}
      {jobs.length ? (
        <div aria-busy={isPlaceholderData} {...list}>
          <Acts
            chosen={chosen.jobs}
            everything={all ? narrowed : undefined}
            count={sum}
            onAll={more || after ? () => setAll(!all) : undefined}
            done={() => {
              chosen.clear();
              setAll(false);
            }}
          />
          <Fresh count={after ? 0 : fresh} said={text.jobs.fresh(fresh)} show={show} />
          <Table
            title={text.jobs.titleAll}
            rows={jobs}
            keyOf={(job) => job.id}
            columns={columns}
            at={at}
            chosen={{
              has: (job) => all || chosen.has(job),
              toggle: chosen.toggle,
              toggleAll: chosen.toggleAll,
              all: all || chosen.jobs.length === jobs.length,
              nameOf: (job) => text.jobs.choose(job.task),
              allName: text.jobs.chooseAll,
            }}
          />
          {pages}
        </div>
      ) : null}
      {peek ? (
        <Suspense>
          <Peek key={peek} id={peek} onClose={close} />
        </Suspense>
      ) : null}
    </>
  );
}

const NONE: never[] = [];

function idOf(job: Job): string {
  return job.id;
}

/** Nothing there at all, or nothing that matches: then what to leave out to see something. */
function Empty({ filter }: { filter: Filter }) {
  const text = useText("jobs").jobs;
  const said = spelled(filter);
  const parts = said.match(/(?:[a-z]+:)?"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  if (parts.length === 0) return <Nothing more={<code>{text.example}</code>}>{text.noneYet}</Nothing>;
  return (
    <Nothing
      more={
        <ul className={styles.drops}>
          {parts.length > 1 ? parts.slice(0, 5).map((part) => <Without key={part} parts={parts} part={part} />) : null}
          <li>
            <Link to="/jobs">{text.showAll}</Link>
          </li>
        </ul>
      }
    >
      {text.noneMatch}
    </Nothing>
  );
}

function Without({ parts, part }: { parts: readonly string[]; part: string }) {
  const text = useText("jobs");
  const rest = understood(parts.filter((each) => each !== part).join(" "));
  const counts = useQuery(countsQuery(rest)).data?.states;
  const sum = counts && sumOf(counts, rest.state);
  if (!sum || sum.count === 0) return null;
  return (
    <li>
      <Link to="/jobs" search={rest}>
        {text.jobs.dropToSee(part, text.jobs.title(sum.count, sum.more))}
      </Link>
    </li>
  );
}
