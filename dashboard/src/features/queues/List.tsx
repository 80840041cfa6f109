import { useQuery } from "@tanstack/react-query";

import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { Said } from "../../design/Said";
import { useText } from "../../i18n/text";
import { latelyQuery, paceQuery } from "../../server/figures";
import { person } from "../../server/names";
import type { Asks } from "../../server/queries";
import { queuesQuery, workersQuery, type Queue } from "../../server/queues";
import { useMay } from "../../server/session";
import { Failed } from "../../shell/Broken";
import { useQueueColumns } from "../../shell/Queues";
import { RowActs } from "./Acts";
import styles from "./Queues.module.css";
import { rulesSaid } from "./said";

export const asks: Asks = ({ may }) => [
  queuesQuery,
  ...[latelyQuery(15), paceQuery()].map((query) => ({ ...query, enabled: may("statistics.read") })),
  { ...workersQuery, enabled: may("workers.read") },
];

/** All queues: what waits, how they fare, their rules, and what is done to them. */
export function List() {
  const all = useText("queues");
  const text = all.queues;
  const mayFigures = useMay("statistics.read");
  const mayWorkers = useMay("workers.read");
  const { data, error, refetch } = useQuery(queuesQuery);
  const lately = useQuery({ ...latelyQuery(15), enabled: mayFigures });
  const pace = useQuery({ ...paceQuery(), enabled: mayFigures });
  const workers = useQuery({ ...workersQuery, enabled: mayWorkers });
  const columns: Column<Queue>[] = [
    ...useQueueColumns({ lately: lately.data, pace: pace.data, workers: workers.data?.workers }),
    { name: "rules", head: text.rules, cell: (queue) => <Rules queue={queue} /> },
    { name: "acts", head: all.common.more, kind: "tight", cell: (queue) => <RowActs queue={queue} /> },
  ];
  const queues = data?.queues;
  const paused = queues?.filter((queue) => queue.paused).length ?? 0;
  const title = !queues?.length ? text.title : paused ? text.headlinePaused(queues.length, paused) : text.headline(queues.length);
  return (
    <>
      <Head title={title} lede={queues?.length ? text.gaugeWhy : undefined} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {!data && !error ? <Skeleton name={all.common.loading} /> : null}
      {queues?.length === 0 ? <Nothing more={<code className={styles.code}>{text.example}</code>}>{text.noneYet}</Nothing> : null}
      {queues?.length ? <Table title={text.title} rows={queues} keyOf={(queue) => queue.queue} columns={columns} /> : null}
    </>
  );
}

function Rules({ queue }: { queue: Queue }) {
  const text = useText("queues").queues;
  return (
    <span className={styles.rules}>
      {queue.paused ? (
        <>
          {text.pausedBy(person(queue.paused_by))}
          {queue.paused_at ? (
            <>
              , <Time at={queue.paused_at} only="ago" />
            </>
          ) : null}
          {queue.note ? <>: “<Said>{queue.note}</Said>”</> : ""}
          {rulesSaid(queue, text).length ? "; " : ""}
        </>
      ) : null}
      {rulesSaid(queue, text).join(", ")}
    </span>
  );
}
