import { Link } from "@tanstack/react-router";

import { Gauge } from "../design/Gauge";
import { Mark } from "../design/Mark";
import type { Column } from "../design/Table";
import { Length } from "../design/Time";
import { useText } from "../i18n/text";
import { ENOUGH, failing, outOf, type Figures } from "../server/figures";
import { listens, type Queue, type Worker } from "../server/queues";
import { useNow } from "../time/clock";
import styles from "./Queues.module.css";

interface Known {
  /** What ended in the last quarter of an hour. */
  lately: Figures | undefined;
  /** What ended in the last minutes. */
  pace: Figures | undefined;
  workers: readonly Worker[] | undefined;
}

/** How a row tells of a queue: what waits against what gets done, and how it fares. */
export function useQueueColumns({ lately, pace, workers }: Known): Column<Queue>[] {
  const all = useText("queues");
  const text = all.queues;
  const count = all.common.count;
  const now = useNow();
  const figures = (queue: Queue) => lately?.queues.find((each) => each.queue === queue.queue);
  return [
    {
      name: "queue",
      head: text.queue,
      kind: "name",
      cell: (queue) => (
        <span className={styles.name}>
          <Link to="/queues/$queue" params={{ queue: queue.queue }}>
            {queue.queue}
          </Link>
          {queue.paused ? <small>‖ {text.paused}</small> : null}
          {!queue.paused && workers && queue.counts.waiting > 0 && !workers.some((each) => listens(each, queue.queue)) ? (
            <small>⚠ {text.noWorker}</small>
          ) : null}
        </span>
      ),
    },
    { name: "depth", head: text.depth, cell: (queue) => <Depth queue={queue} pace={pace} now={now} /> },
    { name: "waiting", head: text.waiting, kind: "number", cell: (queue) => count(queue.counts.waiting) },
    { name: "running", head: text.running, kind: "number", cell: (queue) => count(queue.counts.running) },
    { name: "p95", head: text.p95, kind: "number", cell: (queue) => <Known seconds={figures(queue)?.run.p95} /> },
    {
      name: "oldest",
      head: text.oldest,
      kind: "number",
      cell: (queue) =>
        queue.oldest_waiting_at === null ? (
          text.none
        ) : (
          <Length seconds={Math.max(0, (now - Date.parse(queue.oldest_waiting_at)) / 1_000)} />
        ),
    },
    {
      name: "failing",
      head: text.failing,
      kind: "number",
      cell: (queue) => {
        const bad = failing(figures(queue)?.endings);
        return bad ? (
          <Link to="/jobs" search={{ queue: [queue.queue], state: ["retrying", "failed"] }} className={styles.bad}>
            <Mark state="failed" /> {count(bad)}
          </Link>
        ) : (
          "0"
        );
      },
    },
  ];
}

function Known({ seconds }: { seconds: number | null | undefined }) {
  return seconds === null || seconds === undefined ? <>–</> : <Length seconds={seconds} />;
}

function Depth({ queue, pace, now }: { queue: Queue; pace: Figures | undefined; now: number }) {
  const text = useText("queues").queues;
  const five = outOf(queue.queue, pace, now) * ENOUGH || undefined;
  const { waiting } = queue.counts;
  return (
    <Gauge
      value={waiting}
      mark={five}
      over={!queue.paused && waiting > (five ?? 0)}
      name={five === undefined ? text.gaugeAlone(waiting) : text.gauge(waiting, five)}
    />
  );
}
