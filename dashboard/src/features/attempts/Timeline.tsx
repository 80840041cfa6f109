import { Link } from "@tanstack/react-router";

import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import type { Tried } from "../../server/attempts";
import type { Lanes } from "../../server/seen";
import { inWords } from "../../time/length";
import { FARED, faredOf, outlineOf, ROW } from "./bars";
import { lanesOf, MOST_LANES } from "./lanes";
import styles from "./Timeline.module.css";

const WIDE = 1_000;

interface Props {
  tries: readonly Tried[];
  by: Lanes;
  /** By which tags, where it is by tag. */
  prefix?: string | undefined;
  since: string;
  until: string;
}

/** Attempts as bars over time, a lane for each worker, queue, task or tag. */
export function Timeline({ tries, by, prefix, since, until }: Props) {
  const text = useText("attempts", "jobs");
  const [from, to] = [Date.parse(since), Date.parse(until)];
  const { lanes, cut } = lanesOf(tries, by, from, to, prefix);
  const number = new Set(lanes.flatMap((lane) => lane.bars.map((bar) => bar.tried))).size;
  const nameOf = (name: string | undefined) =>
    name === undefined ? text.attempts.untagged(prefix) : by === "worker" ? `${text.attempts.worker} ${name}` : visible(name);
  return (
    <figure className={styles.timeline} aria-label={text.attempts.drawn(number, lanes.length)}>
      <figcaption>
        {cut ? <p>{text.attempts.tooMany(MOST_LANES)}</p> : null}
        <Legend />
      </figcaption>
      <ol>
        {lanes.map((lane) => (
          <li key={lane.name ?? ""}>
            <span className={styles.name}>{nameOf(lane.name)}</span>
            <span className={styles.count}>{text.common.count(lane.bars.length)}</span>
            <svg viewBox={`0 0 ${WIDE} ${lane.rows * ROW}`} preserveAspectRatio="none" style={{ height: lane.rows * ROW }}>
              {lane.bars.map(({ tried, from: begin, length, row }) => {
                const lasted = tried.ended_at ? Date.parse(tried.ended_at) - Date.parse(tried.started_at) : to - Date.parse(tried.started_at);
                const said = `${tried.task}, ${text.jobs.attempt} ${tried.number}, ${inWords(lasted, text.common.units)}, ${tried.ending ? (text.jobs.endings[tried.ending] ?? tried.ending) : text.attempts.runs}`;
                return (
                  <Link key={`${tried.job}-${tried.started_at}`} to="/jobs/$id" params={{ id: tried.job }} search={{ attempt: tried.number, began: tried.started_at }} tabIndex={-1} aria-label={said}>
                    <title>{said}</title>
                    <path d={outlineOf(faredOf(tried.ending), begin * WIDE, Math.max(2, length * WIDE), row)} data-ending={faredOf(tried.ending)} />
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

/** What each outline means. */
function Legend() {
  const words = useText("attempts").attempts.fared;
  return (
    <p className={styles.legend}>
      {FARED.map((fared) => (
        <span key={fared}>
          <svg viewBox={`0 0 ${2 * ROW} ${ROW}`} aria-hidden="true">
            <path d={outlineOf(fared, 0, 2 * ROW, 0)} data-ending={fared} />
          </svg>
          {words[fared]}
        </span>
      ))}
    </p>
  );
}
