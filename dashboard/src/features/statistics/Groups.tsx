import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Section } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Length } from "../../design/Time";
import { useText, type Text } from "../../i18n/text";
import type { FiguresSeen } from "../../server/seen";
import type { Figures } from "../../server/statistics";
import { drift, ordered, type Ended } from "./order";
import { rate, total, unhappy } from "./series";
import styles from "./Statistics.module.css";

interface Props {
  figures: Figures;
  /** The same stretch a week before, where both are known. */
  then: Figures | undefined;
  seen: FiguresSeen;
}

/** What ended by task and by queue, in the order that is wanted; what has become slower says so. */
export function Groups({ figures, then, seen }: Props) {
  const words = useText("statistics").statistics;
  const wait: Column<Figures["queues"][number]> = {
    name: "wait",
    head: `${words.wait} p95`,
    kind: "number",
    cell: (each) => <Length seconds={each.wait.p95} />,
  };
  return (
    <>
      <Group title={words.byTask} head={words.task} of="task" rows={figures.tasks} then={then?.tasks} nameOf={(each) => each.task} seen={seen} />
      <Group title={words.byQueue} head={words.queue} of="queue" rows={figures.queues} then={then?.queues} nameOf={(each) => each.queue} seen={seen} more={[wait]} />
    </>
  );
}

interface GroupProps<Row> {
  title: string;
  head: string;
  /** What the page is narrowed by when one of them is looked at. */
  of: "task" | "queue";
  rows: readonly Row[];
  then: readonly Row[] | undefined;
  nameOf: (row: Row) => string;
  seen: FiguresSeen;
  more?: readonly Column<Row>[];
}

function Group<Row extends Ended>({ title, head, of, rows, then, nameOf, seen, more = [] }: GroupProps<Row>) {
  const text = useText("statistics");
  const before = new Map(then?.map((each) => [nameOf(each), each]));
  const name: Column<Row> = {
    name: "name",
    head,
    kind: "name",
    cell: (each) => (
      <Named of={each} then={before.get(nameOf(each))}>
        <Link to="/statistics" search={{ ...seen, [of]: nameOf(each) }}>
          {nameOf(each)}
        </Link>
      </Named>
    ),
  };
  return (
    <Section title={title}>
      <Table title={title} rows={ordered(rows, seen.sort)} keyOf={nameOf} columns={[name, ...shared<Row>(text, seen), ...more]} />
    </Section>
  );
}

/** A name, and below it how much slower it has become. */
function Named({ of, then, children }: { of: Ended; then: Ended | undefined; children: ReactNode }) {
  const words = useText("statistics").statistics;
  const times = drift(of, then);
  if (times === undefined) return children;
  return (
    <span className={styles.drifting}>
      {children}
      <span className={styles.drift}>{words.slower(times)}</span>
    </span>
  );
}

function shared<Row extends Ended>(text: Text<"statistics">, { sort }: FiguresSeen): Column<Row>[] {
  const words = text.statistics;
  return [
    { name: "ended", head: words.ended, kind: "number", first: sort === undefined, cell: (each) => text.common.count(total(each.endings)) },
    { name: "failed", head: words.failed, kind: "number", first: sort === "failed", cell: (each) => text.common.count(unhappy(each.endings)) },
    { name: "success", head: words.success, kind: "number", cell: (each) => rate(each.success_rate) },
    ...(["p50", "p95", "p99", "mean"] as const).map(
      (part): Column<Row> => ({
        name: part,
        head: part === "mean" ? words.mean : `${words.run} ${part}`,
        kind: "number",
        first: sort === part,
        cell: (each) => <Length seconds={each.run[part]} />,
      }),
    ),
  ];
}
