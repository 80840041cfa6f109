import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Gauge } from "../../design/Gauge";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import type { Job } from "../../server/jobs";
import type { Asks } from "../../server/queries";
import { runningQuery, workersQuery, type Worker } from "../../server/queues";
import { Failed } from "../../shell/Broken";
import { useNow } from "../../time/clock";
import styles from "./List.module.css";

const NAMED = 5;
/** An event loop that has not moved for so long is told, in milliseconds; a sound one is heard of every 10 s. */
const STILL = 60_000;

export const asks: Asks = () => [workersQuery, runningQuery];

/** Who takes jobs now: since when, how full, from where, and what they run. */
export function List() {
  const text = useText("queues", "workers");
  const { data, error, refetch } = useQuery(workersQuery);
  const running = useQuery(runningQuery);
  const workers = data?.workers;
  return (
    <>
      <Head title={useHeadline(workers)} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {!data && !error ? <Skeleton name={text.common.loading} rows={3} /> : null}
      {workers?.length === 0 ? (
        <Nothing more={<code className={styles.code}>{text.workers.start}</code>}>{text.workers.nobodyWhy}</Nothing>
      ) : null}
      {workers?.length ? <All workers={workers} jobs={running.data?.jobs ?? []} /> : null}
    </>
  );
}

function useHeadline(workers: readonly Worker[] | undefined): string {
  const text = useText("workers").workers;
  if (!workers) return text.title;
  if (workers.length === 0) return text.nobody;
  if (workers.some((worker) => worker.slots === null)) return text.headlineBare(workers.length);
  const sum = (of: (worker: Worker) => number) => workers.reduce((all, worker) => all + of(worker), 0);
  return text.headline(workers.length, sum((worker) => worker.running), sum((worker) => worker.slots ?? 0));
}

function All({ workers, jobs }: { workers: readonly Worker[]; jobs: readonly Job[] }) {
  const { workers: text, common } = useText("queues", "workers");
  const now = useNow();
  const columns: Column<Worker>[] = [
    {
      name: "name",
      head: text.name,
      kind: "name",
      cell: (worker) => (
        <span className={styles.name}>
          <Link to="/attempts" search={{ worker: worker.session }} title={text.attempts}>
            {worker.name}
          </Link>
          <small>
            {worker.host} · {worker.pid}
          </small>
        </span>
      ),
    },
    { name: "slots", head: text.slots, cell: (worker) => <Slots worker={worker} /> },
    { name: "runs", head: text.now, cell: (worker) => <Runs worker={worker} jobs={jobs} /> },
    { name: "queues", head: text.queues, cell: (worker) => <Queues worker={worker} /> },
    {
      name: "beat",
      head: text.heartbeat,
      kind: "number",
      cell: (worker) => (
        <span className={styles.beat}>
          {worker.progress_at === null ? "–" : <Time at={worker.progress_at} only="ago" />}
          {worker.progress_at !== null && now - Date.parse(worker.progress_at) > STILL ? <small>⚠ {text.still}</small> : null}
          {worker.refused ? <small>⚠ {text.refused(worker.refused)}</small> : null}
        </span>
      ),
    },
    {
      name: "started",
      head: text.started,
      kind: "number",
      cell: (worker) => (worker.started_at === null ? "–" : <Time at={worker.started_at} only="ago" />),
    },
    { name: "version", head: text.version, kind: "number", spare: true, cell: (worker) => worker.release },
  ];
  return <Table title={common.nav.workers} rows={workers} keyOf={(worker) => String(worker.session)} columns={columns} />;
}

function Slots({ worker }: { worker: Worker }) {
  const { workers: text, common } = useText("queues", "workers");
  if (worker.slots === null) return <>{common.count(worker.running)}</>;
  return (
    <span className={styles.slots}>
      <Gauge value={worker.running} most={worker.slots} name={text.slotsSaid(worker.running, worker.slots)} />
      <b>
        {common.count(worker.running)} / {common.count(worker.slots)}
      </b>
    </span>
  );
}

function Runs({ worker, jobs }: { worker: Worker; jobs: readonly Job[] }) {
  const text = useText("workers").workers;
  const mine = jobs.filter((job) => job.worker === worker.session);
  if (mine.length === 0) return <span className={styles.plain}>{worker.running ? "…" : text.idle}</span>;
  return (
    <ul className={styles.runs}>
      {mine.slice(0, NAMED).map((job) => (
        <li key={job.id}>
          <Link to="/jobs/$id" params={{ id: job.id }}>
            {job.task}
          </Link>
        </li>
      ))}
      {mine.length > NAMED ? <li className={styles.plain}>{text.more(mine.length - NAMED)}</li> : null}
    </ul>
  );
}

function Queues({ worker }: { worker: Worker }) {
  const text = useText("workers").workers;
  if (worker.queues === null) return <span className={styles.plain}>{text.every}</span>;
  return (
    <ul className={styles.queues}>
      {worker.queues.map((queue) => (
        <li key={queue}>
          <Link to="/queues/$queue" params={{ queue }}>
            {queue}
          </Link>
        </li>
      ))}
    </ul>
  );
}
