import { useState, type KeyboardEvent, type PointerEvent } from "react";

import { Time } from "../../design/Time";
import { useLanguage } from "../../i18n/text";
import { useNow, useZone } from "../../time/clock";
import { CLOCK, timeFormat } from "../../time/format";
import styles from "./Chart.module.css";
import { dotsOf, pathOf, raised, ticksOf, type Points } from "./series";

const WIDE = 900;
const HIGH = 150;

interface Props {
  title: string;
  /** What it shows, in a sentence, for those who do not see it. */
  said: string;
  at: readonly number[];
  lines: readonly Points[];
  /** Fixed top, where the figure has one. */
  top?: number;
  written: (value: number) => string;
}

/** Lines over time; a cursor, by pointer or arrows, tells the values of one moment. */
export function Chart({ title, said, at, lines, top, written }: Props) {
  const [here, point] = useState<number>();
  const largest = lines.reduce((most, line) => line.values.reduce<number>((found, value) => Math.max(found, value ?? 0), most), 0);
  const ticks = top === undefined ? ticksOf(largest) : [0, top / 2, top];
  const highest = ticks.at(-1) ?? 1;
  const last = at.length - 1;
  const move = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / Math.max(1, box.width);
    point(Math.min(last, Math.max(0, Math.round(share * last))));
  };
  const press = (event: KeyboardEvent) => {
    const next = { ArrowLeft: (here ?? last + 1) - 1, ArrowRight: (here ?? last - 1) + 1, Home: 0, End: last }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    point(Math.min(last, Math.max(0, next)));
  };
  const shown = here === undefined ? undefined : Math.min(here, last);
  return (
    <figure className={styles.chart}>
      <figcaption>
        <h2>{title}</h2>
        <ul>
          {lines.map((line) => (
            <li key={line.name}>
              <svg width="22" height="8" aria-hidden>
                <path d="M0 4h22" stroke={line.colour} strokeWidth="2" strokeDasharray={line.dash} />
              </svg>
              {line.name}
              {shown === undefined ? null : <b>{line.values[shown] === null || line.values[shown] === undefined ? "–" : written(line.values[shown])}</b>}
            </li>
          ))}
          {shown === undefined || at[shown] === undefined ? null : (
            <li>
              <Time at={at[shown]} only="clock" />
            </li>
          )}
        </ul>
      </figcaption>
      <div className={styles.plot}>
        <ol aria-hidden>
          {ticks.toReversed().map((tick) => (
            <li key={tick}>{written(tick)}</li>
          ))}
        </ol>
        <svg
          viewBox={`0 0 ${WIDE} ${HIGH}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={said}
          tabIndex={0}
          onPointerMove={move}
          onPointerLeave={() => point(undefined)}
          onKeyDown={press}
          onBlur={() => point(undefined)}
        >
          {ticks.map((tick) => (
            <path key={tick} d={`M0 ${HIGH - (tick / highest) * HIGH}H${WIDE}`} className={styles.grid} />
          ))}
          {lines.map((line) => (
            <Line key={line.name} line={line} highest={highest} />
          ))}
          {shown === undefined ? null : <path d={`M${last ? (shown / last) * WIDE : 0} 0V${HIGH}`} className={styles.here} />}
        </svg>
      </div>
      <p className={styles.axis} aria-hidden>
        {[0, Math.floor(last / 2), last].map((each, number) => (
          <Tick key={number} at={at[each] ?? 0} />
        ))}
      </p>
    </figure>
  );
}

function Line({ line, highest }: { line: Points; highest: number }) {
  const values = line.rests ? raised(line.values) : line.values;
  return (
    <g stroke={line.colour}>
      <path d={pathOf(values, highest, WIDE, HIGH)} strokeDasharray={line.dash} className={styles.line} />
      <path d={dotsOf(values, highest, WIDE, HIGH)} className={styles.dot} />
    </g>
  );
}

/** A moment below the chart: to the minute, with its day unless that is today. */
function Tick({ at }: { at: number }) {
  const { language } = useLanguage();
  const { zone } = useZone();
  const now = useNow();
  const day = timeFormat(language, zone, { day: "numeric", month: "short" });
  const clock = timeFormat(language, zone, CLOCK).format(at);
  return <span>{day.format(at) === day.format(now) ? clock : `${day.format(at)}, ${clock}`}</span>;
}
