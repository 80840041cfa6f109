import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";

import { Facts } from "../../design/Facts";
import { Mark } from "../../design/Mark";
import { STATES } from "../../design/states";
import { Skeleton } from "../../design/Notice";
import { Beside, Head, Section } from "../../design/Page";
import { Table } from "../../design/Table";
import { Tabs } from "../../design/Tabs";
import { Length, Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { Said } from "../../design/Said";
import { useLanguage, useText } from "../../i18n/text";
import { dayQuery, outOf, paceQuery } from "../../server/figures";
import { isGone } from "../../server/http";
import { person } from "../../server/names";
import type { Asks } from "../../server/queries";
import { listens, queueQuery, tasksQuery, workersQuery, type Queue, type Worker } from "../../server/queues";
import { useMay } from "../../server/session";
import { Failed, Unshown } from "../../shell/Broken";
import { useNow } from "../../time/clock";
import { inWords } from "../../time/length";
import { HeadActs } from "./Acts";
import styles from "./Queues.module.css";
import { rulesSaid } from "./said";
import { Throughput } from "./Throughput";

export const asks: Asks = ({ params: { queue = "" } }) => [queueQuery(queue)];

/** One queue: how it fares, its rules, its tasks, and who works on it. */
export function Detail() {
  const text = useText("queues", "workers");
  const { queue: name } = useParams({ from: "/inside/queues/$queue" });
  const { table } = useSearch({ from: "/inside/queues/$queue" });
  const navigate = useNavigate({ from: "/queues/$queue" });
  const mayFigures = useMay("statistics.read");
  const mayWorkers = useMay("workers.read");
  const { data: queue, error, refetch } = useQuery(queueQuery(name));
  const day = useQuery({ ...dayQuery(name), enabled: mayFigures });
  const workers = useQuery({ ...workersQuery, enabled: mayWorkers });
  if (error && (!queue || isGone(error))) return <Unshown title={name} before={<Path queue={name} />} error={error} again={() => void refetch()} />;
  if (!queue) return <Skeleton name={text.common.loading} />;
  const mine = workers.data?.workers.filter((worker) => listens(worker, name));
  return (
    <>
      <Top queue={queue} workers={mine} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      <States queue={queue} />
      <Beside name={text.queues.rules} aside={<Rules queue={queue} />}>
        {day.error ? <Failed error={day.error} again={() => void day.refetch()} /> : null}
        {day.data ? (
          <Throughput day={day.data} asTable={table === true} onSwitch={() => void navigate({ search: table ? {} : { table: true } })} />
        ) : null}
        <Tasks queue={queue} />
        {mayWorkers ? <Workers queue={name} workers={mine} error={workers.error} /> : null}
      </Beside>
    </>
  );
}

function Top({ queue, workers }: { queue: Queue; workers: readonly Worker[] | undefined }) {
  const all = useText("queues", "workers");
  const text = all.queues;
  const now = useNow();
  const pace = useQuery({ ...paceQuery(queue.queue), enabled: useMay("statistics.read") });
  const { waiting } = queue.counts;
  const title = queue.paused
    ? text.is.paused(queue.queue)
    : waiting === 0
      ? text.is.quiet(queue.queue)
      : workers?.length === 0
        ? text.is.unheard(queue.queue)
        : text.is.waiting(queue.queue, waiting);
  const out = outOf(queue.queue, pace.data, now);
  const oldest = queue.oldest_waiting_at === null ? "" : inWords(now - Date.parse(queue.oldest_waiting_at), all.common.units);
  const rounded = out >= 10 ? Math.round(out) : Math.round(out * 10) / 10;
  return (
    <Head
      title={title}
      before={<Path queue={queue.queue} />}
      lede={
        <>
          {queue.paused ? (
            <p>
              {text.pausedBy(person(queue.paused_by))}
              {queue.paused_at ? (
                <>
                  , <Time at={queue.paused_at} />
                </>
              ) : null}
              {queue.note ? <>: “<Said>{queue.note}</Said>”</> : ""}
            </p>
          ) : null}
          <p>{text.lede(all.common.count(rounded), oldest)}</p>
        </>
      }
      acts={<HeadActs queue={queue} />}
    />
  );
}

function Path({ queue }: { queue: string }) {
  const text = useText("queues").queues;
  return (
    <p className={styles.path}>
      <Link to="/queues">{text.title}</Link> / {visible(queue)}
    </p>
  );
}

function States({ queue }: { queue: Queue }) {
  const text = useText("queues", "workers");
  const counts: Partial<Record<string, number>> = queue.counts;
  return (
    <Tabs
      name={text.queues.states}
      tabs={[
        { name: text.queues.all, to: "/jobs", search: { queue: [queue.queue] }, current: false },
        ...STATES.map((state) => ({
          name: (
            <>
              <Mark state={state} /> {text.common.states[state]}{" "}
              {counts[state] === undefined ? null : <b>{text.common.count(counts[state])}</b>}
            </>
          ),
          key: state,
          to: "/jobs",
          search: { queue: [queue.queue], state: [state] },
          current: false,
        })),
      ]}
    />
  );
}

function Rules({ queue }: { queue: Queue }) {
  const text = useText("queues").queues;
  const names = text.facts;
  const { common } = useText("queues", "workers");
  const kept = (seconds: number | null) => (seconds === null ? names.asSettings : <Length seconds={seconds} />);
  return (
    <Section title={text.rules} aside={rulesSaid(queue, text).length ? undefined : names.unlimited}>
      <Facts
        facts={[
          [names.most, queue.most === null ? names.unlimited : common.count(queue.most)],
          [
            names.rate,
            queue.rate === null ? names.unlimited : text.rate(queue.rate.count, inWords(queue.rate.per * 1_000, common.units)),
          ],
          [names.tenantMost, queue.tenant_most === null ? names.unlimited : common.count(queue.tenant_most)],
          [names.fair, queue.fair ? names.turns : names.noTurns],
          [names.completed, kept(queue.retention.completed)],
          [names.failed, kept(queue.retention.failed)],
          [names.cancelled, kept(queue.retention.cancelled)],
        ]}
      />
    </Section>
  );
}

/** Tasks that go here by themselves, and those of which something ended here of late. */
function Tasks({ queue }: { queue: Queue }) {
  const all = useText("queues", "workers");
  const text = all.queues;
  const { language } = useLanguage();
  const tasks = useQuery({ ...tasksQuery, enabled: useMay("tasks.read") });
  const day = useQuery({ ...dayQuery(queue.queue), enabled: useMay("statistics.read") });
  const figures = new Map(day.data?.tasks.map((each) => [each.task, each]));
  const known = tasks.data?.tasks.filter((task) => task.queue === queue.queue || figures.has(task.task)).map((task) => task.task);
  const names = [...new Set([...(known ?? []), ...figures.keys()])].sort();
  const live = new Map(tasks.data?.tasks.map((task) => [task.task, Object.values(task.counts).reduce((sum, count) => sum + count, 0)]));
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  return (
    <Section title={text.tasks}>
      {tasks.error ? <Failed error={tasks.error} again={() => void tasks.refetch()} /> : null}
      {!tasks.data && !tasks.error ? <Skeleton name={all.common.loading} rows={2} /> : null}
      {tasks.data && names.length === 0 ? <p className={styles.plain}>{text.noTasks}</p> : null}
      {names.length ? (
        <Table
          title={text.tasks}
          rows={names}
          keyOf={(task) => task}
          columns={[
            {
              name: "task",
              head: text.task,
              kind: "name",
              cell: (task) => (
                <Link to="/jobs" search={{ queue: [queue.queue], task: [task] }}>
                  {task}
                </Link>
              ),
            },
            { name: "live", head: text.live, kind: "number", cell: (task) => all.common.count(live.get(task) ?? 0) },
            { name: "run", head: text.run, kind: "number", cell: (task) => <Length seconds={figures.get(task)?.run.p95} /> },
            {
              name: "success",
              head: text.success,
              kind: "number",
              cell: (task) => {
                const rate = figures.get(task)?.success_rate ?? null;
                return rate === null ? "" : percent.format(rate);
              },
            },
          ]}
        />
      ) : null}
    </Section>
  );
}

function Workers({ queue, workers, error }: { queue: string; workers: readonly Worker[] | undefined; error: unknown }) {
  const all = useText("queues", "workers");
  const text = all.queues;
  return (
    <Section title={text.workers}>
      {error ? <Failed error={error} /> : null}
      {workers?.length === 0 ? (
        <p className={styles.plain}>
          {text.noWorkers} <code className={styles.code}>{text.start(queue)}</code>
        </p>
      ) : null}
      {workers?.length ? (
        <Table
          title={text.workers}
          rows={workers}
          keyOf={(worker) => String(worker.session)}
          columns={[
            { name: "name", head: text.worker, kind: "name", cell: (worker) => <Link to="/workers">{worker.name}</Link> },
            {
              name: "running",
              head: text.running,
              kind: "number",
              cell: (worker) =>
                worker.slots === null ? all.common.count(worker.running) : `${all.common.count(worker.running)} / ${all.common.count(worker.slots)}`,
            },
          ]}
        />
      ) : null}
    </Section>
  );
}
