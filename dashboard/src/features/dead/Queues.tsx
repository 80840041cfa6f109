import { Link } from "@tanstack/react-router";

import { Button } from "../../design/Button";
import { Skeleton } from "../../design/Notice";
import { Table } from "../../design/Table";
import { useText } from "../../i18n/text";
import { Exports } from "./Exports";
import styles from "./List.module.css";
import { useRefused } from "./refused";
import type { Asked } from "./Sweep";

interface Counted {
  queues: { queue: string; count: number }[];
  more: boolean;
}

/** Dead letters by the queue in which they died. */
export function Queues({ counted, ask }: { counted: Counted | undefined; ask: (ask: Asked) => void }) {
  const text = useText("dead");
  const may = useRefused();
  if (!counted) return <Skeleton name={text.common.loading} />;
  const words = text.dead;
  return (
    <>
      <div className={styles.bar}>
        <Exports rows={counted.queues} name="dead-letters-by-queue" />
      </div>
      <Table
        title={words.views.queue}
        rows={counted.queues}
        keyOf={(row) => row.queue}
        columns={[
          {
            name: "queue",
            head: words.queue,
            kind: "name",
            cell: (row) => (
              <Link to="/dead" search={{ view: "jobs", queue: row.queue }}>
                {row.queue}
              </Link>
            ),
          },
          { name: "count", head: words.count, kind: "number", cell: (row) => text.common.count(row.count) },
          {
            name: "acts",
            head: words.acts,
            kind: "tight",
            cell: (row) => (
              <span className={styles.rowActs}>
                <Button refused={may.redrive} onClick={() => ask({ verb: "redrive", wanted: { filter: { queue: row.queue } } })}>
                  {words.redrive}
                </Button>
                <Button refused={may.discard} onClick={() => ask({ verb: "discard", wanted: { filter: { queue: row.queue } } })}>
                  {words.discard}
                </Button>
              </span>
            ),
          },
        ]}
      />
    </>
  );
}
