import { Link } from "@tanstack/react-router";

import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import type { Tried } from "../../server/attempts";
import { inWords } from "../../time/length";
import { lanesOf, MOST_LANES } from "./lanes";
import styles from "./Timeline.module.css";

const ROW = 12;
const WIDE = 1_000;

interface Props {
  tries: readonly Tried[];
  by: "worker" | "queue" | "task";
  since: string;
  until: string;
}

/** Attempts as bars over time, a lane for each worker, queue or task. */
export function Timeline({ tries, by, since, until }: Props) {
  const text = useText("attempts", "jobs");
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const { lanes, cut } = lanesOf(tries, by, from, to);
  const number = lanes.reduce((sum, lane) => sum + lane.bars.length, 0);
  return (
    <figure className={styles.timeline} aria-label={text.attempts.drawn(number, lanes.length)}>
      {cut ? <figcaption>{text.attempts.tooMany(MOST_LANES)}</figcaption> : null}
      <ol>
        {lanes.map((lane) => (
          <li key={lane.name}>
            <span className={styles.name}>{by === "worker" ? `${text.attempts.worker} ${lane.name}` : lane.name}</span>
            <span className={styles.count}>{text.common.count(lane.bars.length)}</span>
            <svg viewBox={`0 0 ${WIDE} ${lane.rows * ROW}`} preserveAspectRatio="none" style={{ height: lane.rows * ROW }}>
              {lane.bars.map(({ tried, from: begin, length, row }) => {
                const lasted = tried.ended_at ? Date.parse(tried.ended_at) - Date.parse(tried.started_at) : to - Date.parse(tried.started_at);
                const said = `${tried.task}, ${text.jobs.attempt} ${tried.number}, ${inWords(lasted, text.common.units)}, ${tried.ending ? (text.jobs.endings[tried.ending] ?? tried.ending) : text.attempts.runs}`;
                return (
                  <Link key={`${tried.job}-${tried.started_at}`} to="/jobs/$id" params={{ id: tried.job }} search={{ attempt: tried.number, began: tried.started_at }} tabIndex={-1} aria-label={said}>
                    <title>{said}</title>
                    <rect
                      x={begin * WIDE}
                      y={row * ROW + 1}
                      width={Math.max(2, length * WIDE)}
                      height={ROW - 2}
                      data-ending={tried.ending ?? "running"}
                    />
                  </Link>
                );
              })}
            </svg>
          </li>
        ))}
      </ol>
      <p className={styles.axis}>
        <Time at={from} only="clock" />
        <Time at={from + (to - from) / 2} only="clock" />
        <Time at={to} only="clock" />
      </p>
    </figure>
  );
}
