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
  const text = useText("statistics");
  const words = text.statistics;
  const tasks = new Map(then?.tasks.map((each) => [each.task, each]));
  const queues = new Map(then?.queues.map((each) => [each.queue, each]));
  const wait: Column<Figures["queues"][number]> = {
    name: "wait",
    head: `${words.wait} p95`,
    kind: "number",
    cell: (each) => <Length seconds={each.wait.p95} />,
  };
  return (
    <>
      <Section title={words.byTask}>
        <Table
          title={words.byTask}
          rows={ordered(figures.tasks, seen.sort)}
          keyOf={(each) => each.task}
          columns={[
            named<Figures["tasks"][number]>(words.task, (each) => (
              <Named of={each} then={tasks.get(each.task)}>
                <Link to="/statistics" search={{ ...seen, task: each.task }}>
                  {each.task}
                </Link>
              </Named>
            )),
            ...shared<Figures["tasks"][number]>(text, seen),
          ]}
        />
      </Section>
      <Section title={words.byQueue}>
        <Table
          title={words.byQueue}
          rows={ordered(figures.queues, seen.sort)}
          keyOf={(each) => each.queue}
          columns={[
            named<Figures["queues"][number]>(words.queue, (each) => (
              <Named of={each} then={queues.get(each.queue)}>
                <Link to="/statistics" search={{ ...seen, queue: each.queue }}>
                  {each.queue}
                </Link>
              </Named>
            )),
            ...shared<Figures["queues"][number]>(text, seen),
            wait,
          ]}
        />
      </Section>
    </>
  );
}

function named<Row>(head: string, cell: Column<Row>["cell"]): Column<Row> {
  return { name: "name", head, kind: "name", cell };
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
