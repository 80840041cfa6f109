import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { Choice } from "../../design/Field";
import { Mark } from "../../design/Mark";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Tabs } from "../../design/Tabs";
import { Length, Time } from "../../design/Time";
import { useText, type Text } from "../../i18n/text";
import { attemptsQuery, type Tried } from "../../server/attempts";
import { faultSaid } from "../../server/jobs";
import { LANES, readAttempts, VIEWS, type AttemptsSeen } from "../../server/seen";
import { queueNames, taskNames } from "../../server/names";
import type { Asks } from "../../server/queries";
import { Failed } from "../../shell/Broken";
import { faredOf } from "./bars";
import { prefixesOf } from "./lanes";
import styles from "./List.module.css";
import { Timeline } from "./Timeline";

const RANGES = ["-15m", "-1h", "-6h", "-24h", "-7d"] as const;

export const asks: Asks = ({ search }) => [attemptsQuery(readAttempts(search))];

/** Every attempt of a stretch of time, of whichever job. */
export function List() {
  const text = useText("attempts", "jobs");
  const seen = useSearch({ from: "/inside/attempts" });
  const navigate = useNavigate({ from: "/attempts" });
  const go = (next: AttemptsSeen) => void navigate({ search: next });
  const { data, error, refetch } = useQuery(attemptsQuery(seen));
  const tries = data?.attempts ?? [];
  const view = seen.view ?? "list";
  const by = seen.lanes ?? "worker";
  const prefixes = prefixesOf(tries);
  const prefix = seen.prefix ?? prefixes[0];
  const failed = tries.filter((each) => faredOf(each.ending) === "failed").length;
  return (
    <>
      <Head title={tries.length ? text.attempts.count(tries.length, data?.more ?? false, failed) : text.attempts.title} />
      <Narrow seen={seen} go={go} prefixes={prefixes} />
      <Tabs
        name={text.attempts.view}
        tabs={VIEWS.map((each) => ({ name: text.attempts.views[each], to: "/attempts", search: { ...seen, view: each === "list" ? undefined : each }, current: each === view }))}
      />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton name={text.common.loading} /> : null}
      {data?.more ? <p className={styles.note}>{text.attempts.more}</p> : null}
      {data && tries.length === 0 ? (
        <Nothing more={<Link to="/attempts" search={{ ...seen, from: "-24h", to: undefined }}>{text.attempts.wider}</Link>}>{text.attempts.none}</Nothing>
      ) : null}
      {data && tries.length && view === "timeline" ? <Timeline tries={tries} by={by} prefix={prefix} since={data.since} until={data.until} /> : null}
      {tries.length && view === "list" ? (
        <Table title={text.attempts.title} rows={tries.slice(0, 200)} keyOf={(each) => `${each.job}-${each.started_at}-${each.number}`} columns={columns(text)} />
      ) : null}
      {tries.length > 200 && view === "list" ? (
        <p className={styles.note}>
          <Link to="/attempts" search={{ ...seen, to: tries[199]?.ended_at ?? undefined }}>
            {text.common.older}
          </Link>
        </p>
      ) : null}
    </>
  );
}

function Narrow({ seen, go, prefixes }: { seen: AttemptsSeen; go: (next: AttemptsSeen) => void; prefixes: readonly string[] }) {
  const text = useText("attempts").attempts;
  const queues = useQuery(queueNames).data ?? [];
  const tasks = useQuery(taskNames).data ?? [];
  const from = seen.from ?? "-1h";
  const known = (RANGES as readonly string[]).includes(from);
  return (
    <div className={styles.narrow}>
      <Choice
        label={text.range}
        value={from}
        options={[...(known ? [] : [[from, from] as const]), ...RANGES.map((each) => [each, text.last(text.ranges[each] ?? each)] as const)]}
        onChange={(event) => go({ ...seen, from: event.target.value, to: undefined })}
      />
      <Choice
        label={text.queue}
        value={seen.queue ?? ""}
        options={[["", text.anyQueue], ...withChosen(queues, seen.queue)]}
        onChange={(event) => go({ ...seen, queue: event.target.value || undefined })}
      />
      <Choice
        label={text.task}
        value={seen.task ?? ""}
        options={[["", text.anyTask], ...withChosen(tasks, seen.task)]}
        onChange={(event) => go({ ...seen, task: event.target.value || undefined })}
      />
      {seen.worker === undefined ? null : (
        <Choice
          label={text.worker}
          value={seen.worker}
          options={[["", text.anyWorker], [String(seen.worker), String(seen.worker)]]}
          onChange={() => go({ ...seen, worker: undefined })}
        />
      )}
      {seen.view === "timeline" ? (
        <Choice
          label={text.lanes}
          value={seen.lanes ?? "worker"}
          options={LANES.map((each) => [each, text.lane[each]] as const)}
          onChange={(event) => go({ ...seen, lanes: LANES.find((each) => each === event.target.value) })}
        />
      ) : null}
      {seen.view === "timeline" && seen.lanes === "tag" && (prefixes.length || seen.prefix) ? (
        <Choice
          label={text.prefix}
          value={seen.prefix ?? prefixes[0]}
          options={withChosen(prefixes, seen.prefix)}
          onChange={(event) => go({ ...seen, prefix: event.target.value })}
        />
      ) : null}
    </div>
  );
}

function withChosen(names: readonly string[], chosen: string | undefined): (readonly [string, string])[] {
  const all = chosen === undefined || names.includes(chosen) ? names : [chosen, ...names];
  return all.map((each) => [each, each] as const);
}

function columns(text: Text<"attempts" | "jobs">): Column<Tried>[] {
  const words = text.attempts;
  const length = (each: Tried) => (each.ended_at ? (Date.parse(each.ended_at) - Date.parse(each.started_at)) / 1_000 : null);
  return [
    {
      name: "task",
      head: words.task,
      kind: "name",
      cell: (each) => (
        <Link to="/jobs/$id" params={{ id: each.job }} search={{ attempt: each.number, began: each.started_at }}>
          <Mark state={faredOf(each.ending)} /> {each.task}
        </Link>
      ),
    },
    { name: "note", head: words.note, kind: "cut", cell: (each) => each.error ? <span title={faultSaid(each.error)}>{faultSaid(each.error)}</span> : null },
    { name: "queue", head: words.queue, spare: true, cell: (each) => each.queue },
    { name: "ending", head: words.ending, cell: (each) => (each.ending ? (text.jobs.endings[each.ending] ?? each.ending) : words.runs) },
    { name: "number", head: words.number, kind: "number", cell: (each) => each.number },
    { name: "worker", head: words.worker, kind: "number", spare: true, cell: (each) => each.worker },
    { name: "ran", head: words.ran, kind: "number", cell: (each) => (each.ended_at ? <Length seconds={length(each)} /> : "–") },
    { name: "started", head: words.started, kind: "number", cell: (each) => <Time at={each.started_at} only="ago" /> },
  ];
}
