import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Button } from "../../design/Button";
import { Nothing, Skeleton } from "../../design/Notice";
import { Table } from "../../design/Table";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import { failuresQuery, type Failure } from "../../server/failures";
import { Failed } from "../../shell/Broken";
import { Exports } from "./Exports";
import styles from "./List.module.css";
import { useRefused } from "./refused";
import type { Asked } from "./Sweep";

/** Dead letters by what they died of. */
export function Causes({ ask }: { ask: (ask: Asked) => void }) {
  const text = useText("dead", "failures");
  const may = useRefused();
  const { data, error, refetch } = useQuery(failuresQuery);
  const rows = (data?.failures ?? []).filter((each) => each.failed > 0);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} />;
  if (!rows.length) return <Nothing>{text.dead.noneMatch}</Nothing>;
  const words = text.dead;
  return (
    <>
      <div className={styles.bar}>
        <Exports rows={rows.map(exported)} name="dead-letters-by-cause" />
        {data.kinds > data.failures.length ? <span>{words.hundred}</span> : null}
        {data.more ? <span>{text.failures.searched(data.searched)}</span> : null}
      </div>
      <Table<Failure>
        title={words.views.cause}
        rows={rows}
        keyOf={(row) => row.fingerprint}
        columns={[
          { name: "count", head: words.count, kind: "number", cell: (row) => text.common.count(row.failed) },
          {
            name: "cause",
            head: words.cause,
            kind: "name",
            cell: (row) => (
              <span className={styles.what}>
                <Link to="/failures/$fingerprint" params={{ fingerprint: row.fingerprint }}>
                  {row.task}: {row.kind}
                </Link>
                <span className={styles.said}>{row.message === "***" ? words.masked : visible(row.message)}</span>
              </span>
            ),
          },
          { name: "last", head: words.died, kind: "number", cell: (row) => <Time at={row.last_at} only="ago" /> },
          {
            name: "acts",
            head: words.acts,
            kind: "tight",
            cell: (row) => (
              <span className={styles.rowActs}>
                <Button refused={may.redrive} onClick={() => ask({ verb: "redrive", wanted: { fingerprint: row.fingerprint } })}>
                  {words.redrive}
                </Button>
                <Button refused={may.discard} onClick={() => ask({ verb: "discard", wanted: { fingerprint: row.fingerprint } })}>
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

function exported({ fingerprint, task, kind, place, message, failed, first_at, last_at }: Failure) {
  return { fingerprint, task, kind, place, message, failed, first_at, last_at };
}
