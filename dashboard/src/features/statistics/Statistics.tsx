import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { Check, Choice } from "../../design/Field";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head, Section } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Length, Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { figuresQuery, RANGES, type Figures, type Stretch } from "../../server/statistics";
import type { Asks } from "../../server/queries";
import { ORDERS, readFigures, STEPS, type FiguresSeen } from "../../server/seen";
import { queueNames, taskNames } from "../../server/names";
import { Failed } from "../../shell/Broken";
import { inWords } from "../../time/length";
import { Chart } from "./Chart";
import { Groups } from "./Groups";
import { beginnings, rate, total, unhappy, valuesOf, type Points } from "./series";
import styles from "./Statistics.module.css";

export const asks: Asks = ({ search }) => [figuresQuery(readFigures(search))];

/** How many ended, how well and how fast, over a range of time. */
export function Statistics() {
  const text = useText("statistics");
  const words = text.statistics;
  const seen = useSearch({ from: "/inside/statistics" });
  const navigate = useNavigate({ from: "/statistics" });
  const go = (next: FiguresSeen) => void navigate({ search: next, resetScroll: false });
  const { data, error, refetch, isPlaceholderData } = useQuery(figuresQuery(seen));
  const weekBefore = useQuery({ ...figuresQuery(seen, true), enabled: seen.before === true });
  const before = seen.before ? weekBefore.data : undefined;
  // While one of them is still that of another range, the two have nothing to say to each other.
  const comparable = !isPlaceholderData && !weekBefore.isPlaceholderData;
  const figures = data?.figures;
  const ended = figures ? total(figures.endings) : 0;
  return (
    <>
      <Head
        title={figures && ended ? words.headline(ended, unhappy(figures.endings), figures.run.p95 === null ? "" : inWords(figures.run.p95 * 1_000, text.common.units)) : words.title}
        lede={figures && ended ? <Beneath figures={figures} then={before?.figures} /> : undefined}
      />
      <Narrow seen={seen} go={go} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {!data && !error ? <Skeleton name={text.common.loading} rows={10} /> : null}
      {figures && ended === 0 ? (
        <Nothing more={seen.queue || seen.task ? <Link to="/statistics" search={{ from: seen.from, step: seen.step }}>{words.all}</Link> : undefined}>{words.none}</Nothing>
      ) : null}
      {data && ended ? (
        <>
          {seen.table ? <Numbers series={data.figures.series} /> : <Charts data={data} before={before} />}
          <Groups figures={data.figures} then={comparable ? before?.figures : undefined} seen={seen} />
        </>
      ) : null}
    </>
  );
}

/** How long they ran on average, and how that and their number were a week before. */
function Beneath({ figures, then }: { figures: Figures; then: Figures | undefined }) {
  const text = useText("statistics");
  const length = (seconds: number | null | undefined) => (seconds === null || seconds === undefined ? "" : inWords(seconds * 1_000, text.common.units));
  const mean = length(figures.run.mean);
  return (
    <p>
      {mean ? `${text.statistics.onAverage(mean, length(then?.run.mean))} ` : ""}
      {then ? text.statistics.against(total(figures.endings), total(then.endings)) : ""}
    </p>
  );
}

interface Told {
  figures: Figures;
  since: number;
  until: number;
  step: (typeof STEPS)[number];
  back: number;
}

function Charts({ data, before }: { data: Told; before: Told | undefined }) {
  const text = useText("statistics");
  const words = text.statistics;
  const at = beginnings(data.since, data.until, data.step);
  const number = (value: number) => text.common.count(Math.round(value * 100) / 100);
  const length = (value: number) => inWords(value * 1_000, text.common.units);
  const of = (value: (stretch: Stretch) => number | null, otherwise: number | null) => valuesOf(data.figures.series, at, 0, value, otherwise);
  const then = (value: (stretch: Stretch) => number | null, otherwise: number | null): Points[] =>
    before ? [{ name: words.before, values: valuesOf(before.figures.series, at, before.back, value, otherwise), colour: "var(--cancelled)", dash: "2 3" }] : [];
  const spread = (which: "run" | "wait"): Points[] => [
    { name: "p50", values: of((each) => each[which].p50, null), colour: "var(--completed)" },
    { name: "p95", values: of((each) => each[which].p95, null), colour: "var(--retrying)", dash: "6 3" },
    { name: "p99", values: of((each) => each[which].p99, null), colour: "var(--failed)", dash: "2 2" },
    ...then((each) => each[which].p95, null).map((line) => ({ ...line, name: `p95, ${line.name}` })),
  ];
  const says = (title: string) => words.says(title, at.length, words.steps[data.step]);
  return (
    <>
      <Chart
        title={words.throughput(words.steps[data.step])}
        said={says(words.throughput(words.steps[data.step]))}
        at={at}
        written={number}
        lines={[
          { name: words.ended, values: of((each) => total(each.endings), 0), colour: "var(--completed)" },
          { name: words.failed, values: of((each) => unhappy(each.endings), 0), colour: "var(--failed)", dash: "4 3", rests: true },
          ...then((each) => total(each.endings), 0),
        ]}
      />
      <Chart title={words.run} said={says(words.run)} at={at} written={length} lines={spread("run")} />
      <Chart title={words.wait} said={says(words.wait)} at={at} written={length} lines={spread("wait")} />
      <Chart
        title={words.success}
        said={says(words.success)}
        at={at}
        top={1}
        written={(value) => `${Math.round(value * 1_000) / 10} %`}
        lines={[{ name: words.success, values: of((each) => each.success_rate, null), colour: "var(--completed)" }, ...then((each) => each.success_rate, null)]}
      />
    </>
  );
}

function Narrow({ seen, go }: { seen: FiguresSeen; go: (next: FiguresSeen) => void }) {
  const text = useText("statistics").statistics;
  const queues = useQuery(queueNames).data ?? [];
  const tasks = useQuery(taskNames).data ?? [];
  const names = (all: readonly string[], chosen: string | undefined) =>
    (chosen === undefined || all.includes(chosen) ? all : [chosen, ...all]).map((each) => [each, each] as const);
  return (
    <div className={styles.narrow}>
      <Choice
        label={text.range}
        value={seen.from ?? "-24h"}
        options={RANGES.map((each) => [each, text.ranges[each]] as const)}
        onChange={(event) => go({ ...seen, from: event.target.value, step: undefined })}
      />
      <Choice
        label={text.step}
        value={seen.step ?? ""}
        options={[["", text.fitting], ...STEPS.map((each) => [each, text.steps[each]] as const)]}
        onChange={(event) => go({ ...seen, step: STEPS.find((each) => each === event.target.value) })}
      />
      <Choice label={text.queue} value={seen.queue ?? ""} options={[["", text.anyQueue], ...names(queues, seen.queue)]} onChange={(event) => go({ ...seen, queue: event.target.value || undefined })} />
      <Choice label={text.task} value={seen.task ?? ""} options={[["", text.anyTask], ...names(tasks, seen.task)]} onChange={(event) => go({ ...seen, task: event.target.value || undefined })} />
      <Choice
        label={text.order}
        value={seen.sort ?? ""}
        options={[["", text.orders.ended], ...ORDERS.map((each) => [each, text.orders[each]] as const)]}
        onChange={(event) => go({ ...seen, sort: ORDERS.find((each) => each === event.target.value) })}
      />
      <div className={styles.checks}>
        <Check label={text.compare} checked={seen.before === true} onChange={(event) => go({ ...seen, before: event.target.checked || undefined })} />
        <Check label={text.asTable} checked={seen.table === true} onChange={(event) => go({ ...seen, table: event.target.checked || undefined })} />
      </div>
    </div>
  );
}

/** The same as the charts show, in figures, the newest first. */
function Numbers({ series }: { series: readonly Stretch[] }) {
  const text = useText("statistics");
  const words = text.statistics;
  const rows = series.toReversed().slice(0, 500);
  return (
    <Section title={words.asTable}>
      <Table
        title={words.asTable}
        rows={rows}
        keyOf={(each) => each.at}
        columns={[
          { name: "at", head: words.at, kind: "name", cell: (each) => <Time at={each.at} only="clock" /> },
          { name: "ended", head: words.ended, kind: "number", cell: (each) => text.common.count(total(each.endings)) },
          { name: "failed", head: words.failed, kind: "number", cell: (each) => text.common.count(unhappy(each.endings)) },
          { name: "success", head: words.success, kind: "number", cell: (each) => rate(each.success_rate) },
          ...(["run", "wait"] as const).flatMap((which) =>
            (["p50", "p95", "p99"] as const).map(
              (part): Column<Stretch> => ({ name: which + part, head: `${words[which]} ${part}`, kind: "number", cell: (each) => <Length seconds={each[which][part]} /> }),
            ),
          ),
        ]}
      />
    </Section>
  );
}
