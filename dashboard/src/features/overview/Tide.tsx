import { useState, type KeyboardEvent, type PointerEvent } from "react";

import { Button } from "../../design/Button";
import { Table } from "../../design/Table";
import { useLanguage, useText } from "../../i18n/text";
import { useZone } from "../../time/clock";
import { clockOf } from "./clock";
import { AHEAD, PAST, type Point, type Tide as Line } from "./waters";
import styles from "./Tide.module.css";

const WIDE = 1_000;
const HIGH = 100;
const GROUND = 98;

interface Props {
  line: Line;
  now: number;
  asTable: boolean;
  onSwitch: () => void;
}

/** The past day as water, now as a line, what is planned as dashes: work as a tide. */
export function Tide({ line, now, asTable, onSwitch }: Props) {
  const text = useText("overview").overview.tide;
  return (
    <section aria-label={text.title}>
      {asTable ? <AsTable line={line} /> : <Chart line={line} now={now} />}
      <div className={styles.switch}>
        <Button kind="bare" onClick={onSwitch}>
          {asTable ? text.chart : text.table}
        </Button>
      </div>
    </section>
  );
}

function Chart({ line, now }: { line: Line; now: number }) {
  const text = useText("overview").overview;
  const said = useSaid(line);
  const tell = useTold();
  const [at, setAt] = useState<number>();
  const { points } = line;
  const begin = now - PAST;
  const x = (moment: number) => ((moment - begin) / (PAST + AHEAD)) * WIDE;
  const y = (rate: number) => GROUND - (rate / line.top) * (GROUND - 4);
  const spot = (point: Point, part = 0.5): [number, number] => [x(point.from + (point.to - point.from) * part), y(point.rate)];
  const past = points.filter((point) => !point.planned);
  const plan = points.filter((point) => point.planned);
  const pastSpots = past.map((point, number) => spot(point, number === past.length - 1 ? 1 : number === 0 ? 0 : 0.5));
  const planSpots = plan.map((point, number) => spot(point, number === 0 ? 0 : number === plan.length - 1 ? 1 : 0.5));
  const shown = at === undefined ? undefined : points[at];
  const capacity = line.capacity !== undefined && line.capacity <= line.top ? y(line.capacity) : 3;
  const move = (event: KeyboardEvent) => {
    const here = at ?? past.length - 1;
    const next = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: points.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setAt(Math.min(points.length - 1, Math.max(0, next)));
    }
    if (event.key === "Escape") setAt(undefined);
  };
  const point = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const moment = begin + ((event.clientX - box.left) / box.width) * (PAST + AHEAD);
    const found = points.findIndex((each) => each.from <= moment && moment < each.to);
    setAt(found < 0 ? undefined : found);
  };
  const place = (moment: number) => ({ left: `${x(moment) / 10}%` });
  return (
    <div className={styles.tide} dir="ltr">
      <p className="hidden">{said}</p>
      <div
        className={styles.chart}
        role="slider"
        tabIndex={0}
        aria-label={text.tide.cursor}
        aria-valuemin={0}
        aria-valuemax={points.length - 1}
        aria-valuenow={at ?? past.length - 1}
        aria-valuetext={tell(points[at ?? past.length - 1])}
        onKeyDown={move}
        onPointerMove={point}
        onPointerLeave={() => setAt(undefined)}
        onBlur={() => setAt(undefined)}
      >
        <svg viewBox={`0 0 ${WIDE} ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={said}>
          <path className={styles.water} d={area(pastSpots)} />
          <path className={styles.ahead} d={area(planSpots)} />
          <path className={styles.line} d={curve(pastSpots)} />
          <path className={styles.dashed} d={curve(planSpots)} />
          {line.capacity === undefined ? null : <path className={styles.capacity} d={`M${x(now)} ${capacity}H${WIDE}`} />}
          <path className={styles.ground} d={`M0 ${GROUND}H${WIDE}`} />
          <path className={styles.now} d={`M${x(now)} 0V${GROUND}`} />
          {shown ? <path className={styles.cursor} d={`M${spot(shown)[0]} 0V${GROUND}`} /> : null}
        </svg>
        {[-24, -12].map((hours) => (
          <Foot key={hours} hours={hours} style={place(now + hours * 3_600_000)} />
        ))}
        <Foot spare hours={6} style={place(now + 6 * 3_600_000)} />
        <Now now={now} style={place(now)} />
        {line.capacity === undefined ? null : (
          <span className={`${styles.label} ${styles.right}`} style={{ top: `calc((100% - var(--feet)) * ${(capacity + 3) / 100})` }}>
            {line.capacity > line.top ? "↑ " : ""}
            {text.tide.capacity} <span className={styles.spare}>{text.rate(line.capacity)}</span>
          </span>
        )}
        {shown ? (
          <span
            className={`${styles.label} ${styles.read}`}
            style={x(shown.from) > WIDE / 2 ? { right: `calc(${100 - spot(shown)[0] / 10}% + 6px)` } : { left: `calc(${spot(shown)[0] / 10}% + 6px)` }}
          >
            {tell(shown)}
          </span>
        ) : null}
      </div>
    </div>
  );
}

function Foot({ hours, style, spare = false }: { hours: number; spare?: boolean; style: { left: string } }) {
  const text = useText("overview").overview.tide;
  return (
    <span className={`${styles.label} ${styles.foot} ${spare ? styles.spare : ""}`} style={{ ...style, paddingInlineStart: hours === -24 ? "var(--gutter)" : 0 }}>
      {text.hours(hours)}
    </span>
  );
}

function Now({ now, style }: { now: number; style: { left: string } }) {
  const text = useText("overview").overview.tide;
  const { language } = useLanguage();
  const { zone } = useZone();
  return (
    <span className={`${styles.label} ${styles.foot}`} style={{ ...style, paddingInlineStart: 6 }}>
      {text.now} {clockOf(now, language, zone)}
    </span>
  );
}

/** What one stretch of it tells. */
function useTold() {
  const text = useText("overview").overview;
  const { language } = useLanguage();
  const { zone } = useZone();
  return (point: Point | undefined) =>
    point
      ? `${clockOf(point.from, language, zone)}–${clockOf(point.to, language, zone)}: ${text.rate(point.rate)} ${point.planned ? text.tide.planned : text.tide.past}`
      : "";
}

/** All of it in a sentence. */
function useSaid({ points }: Line): string {
  const { tide, rate } = useText("overview").overview;
  const { language } = useLanguage();
  const { zone } = useZone();
  const most = (some: Point[]) => some.reduce<Point | undefined>((top, point) => (point.rate > (top?.rate ?? 0) ? point : top), undefined);
  const past = points.filter((point) => !point.planned);
  const high = most(past);
  const planned = most(points.filter((point) => point.planned));
  if (!high && !planned) return tide.empty;
  return tide.said(
    rate(high?.rate ?? 0),
    high ? clockOf(high.from, language, zone) : "–",
    rate(past.at(-1)?.rate ?? 0),
    planned ? tide.plan(rate(planned.rate), clockOf(planned.from, language, zone)) : tide.noPlan,
  );
}

function AsTable({ line }: { line: Line }) {
  const { tide, bare } = useText("overview").overview;
  const { language } = useLanguage();
  const { zone } = useZone();
  const clock = (at: number) => clockOf(at, language, zone);
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={tide.title}>
      <Table
        title={tide.title}
        rows={line.points}
        keyOf={(point) => `${point.from}`}
        columns={[
          { name: "from", head: tide.from, kind: "name", cell: (point) => clock(point.from) },
          { name: "to", head: tide.to, kind: "number", cell: (point) => clock(point.to) },
          { name: "jobs", head: tide.jobs, kind: "number", cell: (point) => bare(point.rate) },
          { name: "kind", head: tide.kind, cell: (point) => (point.planned ? tide.planned : tide.past) },
        ]}
      />
    </div>
  );
}

/** A line through these spots that never goes above or below them. */
function curve(spots: readonly [number, number][]): string {
  return spots
    .map(([x, y], number) => {
      const before = spots[number - 1];
      if (!before) return `M${x} ${y}`;
      const half = (before[0] + x) / 2;
      return `C${half} ${before[1]} ${half} ${y} ${x} ${y}`;
    })
    .join("");
}

function area(spots: readonly [number, number][]): string {
  const [first, last] = [spots[0], spots.at(-1)];
  return first && last ? `${curve(spots)}L${last[0]} ${GROUND}L${first[0]} ${GROUND}Z` : "";
}
