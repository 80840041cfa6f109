import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";

import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Tabs } from "../../design/Tabs";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useLanguage, useText, type Text } from "../../i18n/text";
import { failuresQuery, type Failure } from "../../server/failures";
import type { Asks } from "../../server/queries";
import type { FailuresSearch } from "../../server/seen";
import { Failed } from "../../shell/Broken";
import { now, useZone } from "../../time/clock";
import { timeFormat } from "../../time/format";
import styles from "./List.module.css";
import { Spark } from "./Spark";
import { said, telling } from "./words";

const DAY = 86_400_000;

export const asks: Asks = () => [failuresQuery];

/** What fails, by its cause. */
export function List() {
  const text = useText("failures", "jobs");
  const search = useSearch({ from: "/inside/failures" });
  const { data, error, refetch } = useQuery(failuresQuery);
  const all = data?.failures ?? [];
  const shown = narrowed(all, search);
  const verdict = useVerdict(all, data);
  const isNarrow = search.state !== undefined || search.task !== undefined;
  return (
    <>
      <Head
        title={verdict.title}
        lede={
          data ? (
            <>
              {verdict.lede ? <p>{verdict.lede}</p> : null}
              {data.more ? <p>{text.failures.searched(data.searched)}</p> : null}
              {data.kinds > all.length ? <p>{text.failures.hundred}</p> : null}
            </>
          ) : null
        }
      />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton name={text.common.loading} rows={6} /> : null}
      {data && all.length === 0 ? <Nothing>{text.failures.none}</Nothing> : null}
      {all.length ? <Narrowing search={search} /> : null}
      {all.length && shown.length === 0 ? (
        <Nothing more={<Link to="/failures">{text.failures.showAll}</Link>}>{text.failures.noneMatch}</Nothing>
      ) : null}
      {shown.length ? (
        <Table title={text.failures.title} rows={shown} keyOf={(row) => row.fingerprint} columns={columns(text, search)} />
      ) : null}
      {shown.length && isNarrow ? (
        <p>
          <Link to="/failures">{text.failures.showAll}</Link>
        </p>
      ) : null}
    </>
  );
}

/** What the page has to say: what fails, or since when nothing does. */
function useVerdict(all: readonly Failure[], data: { kinds: number; count: number } | undefined) {
  const text = useText("failures").failures;
  const { language } = useLanguage();
  const { zone } = useZone();
  const last = Math.max(...all.map((each) => Date.parse(each.last_at)));
  if (!data) return { title: text.title };
  if (!all.length) return { title: text.calm };
  if (now() - last < DAY) return { title: text.verdict(data.kinds, data.count) };
  const options: Intl.DateTimeFormatOptions =
    now() - last < 6 * DAY ? { weekday: "long" } : { day: "numeric", month: "long", year: "numeric" };
  const day = timeFormat(language, zone, options);
  return { title: text.calmSince(day.format(last)), lede: text.kept(data.kinds, data.count) };
}

export function narrowed(all: readonly Failure[], { state, task, sort }: FailuresSearch): Failure[] {
  const found = all.filter((each) => (!state || each[state] > 0) && (!task || each.task === task));
  return sort === "last" ? found.toSorted((one, other) => Date.parse(other.last_at) - Date.parse(one.last_at)) : found;
}

function Narrowing({ search }: { search: FailuresSearch }) {
  const text = useText("failures").failures;
  const { state, sort, task, ...rest } = search;
  const kept = { ...rest, ...(sort ? { sort } : {}), ...(task ? { task } : {}) };
  return (
    <>
      <Tabs
        name={text.state}
        tabs={([undefined, "failed", "retrying"] as const).map((each) => ({
          key: each ?? "all",
          name: text.states[each ?? "all"],
          to: "/failures",
          search: each ? { ...kept, state: each } : kept,
          current: state === each,
        }))}
      />
      <p className={styles.controls}>
        <span>
          {text.sort}: {sort ? <Link to="/failures" search={{ ...search, sort: undefined }}>{text.sorts.count}</Link> : text.sorts.count}
          {" · "}
          {sort ? text.sorts.last : <Link to="/failures" search={{ ...search, sort: "last" }}>{text.sorts.last}</Link>}
        </span>
        {task ? (
          <Link to="/failures" search={{ ...search, task: undefined }}>
            {text.anyTask(task)}
          </Link>
        ) : null}
      </p>
    </>
  );
}

function columns(text: Text<"failures" | "jobs">, search: FailuresSearch): Column<Failure>[] {
  const words = text.failures;
  return [
    { name: "count", head: words.jobs, kind: "number", cell: (each) => text.common.count(each.count) },
    {
      name: "what",
      head: words.failure,
      kind: "name",
      cell: (each) => (
        <span className={styles.what}>
          <Link to="/failures/$fingerprint" params={{ fingerprint: each.fingerprint }}>
            {each.task}: {each.kind}
          </Link>
          <span className={styles.said}>{each.message === "***" ? words.masked : visible(each.message)}</span>
          <TraitLine failure={each} />
        </span>
      ),
    },
    { name: "when", head: words.when, spare: true, cell: (each) => <Spark failure={each} /> },
    {
      name: "task",
      head: words.task,
      spare: true,
      cell: (each) =>
        search.task ? (
          each.task
        ) : (
          <Link to="/failures" search={{ ...search, task: each.task }} title={words.onlyTask(each.task)}>
            {each.task}
          </Link>
        ),
    },
    { name: "first", head: words.first, kind: "number", cell: (each) => <Time at={each.first_at} only="ago" /> },
    { name: "last", head: words.last, kind: "number", cell: (each) => <Time at={each.last_at} only="ago" /> },
  ];
}

function TraitLine({ failure }: { failure: Failure }) {
  const text = useText("failures", "jobs");
  const trait = telling(failure.traits);
  if (!trait) return null;
  return (
    <span className={styles.trait}>
      {said(trait, text)}; {text.failures.others(trait.others_have, trait.others)}
    </span>
  );
}
