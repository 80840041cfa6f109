import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Chip } from "../../design/Chip";
import { Nothing } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Tabs } from "../../design/Tabs";
import { useText } from "../../i18n/text";
import { deadQueuesQuery } from "../../server/dead";
import type { Asks } from "../../server/queries";
import type { DeadSearch } from "../../server/seen";
import { Failed } from "../../shell/Broken";
import { Causes } from "./Causes";
import { Letters } from "./Letters";
import styles from "./List.module.css";
import { Queues } from "./Queues";
import { useRefused } from "./refused";
import { Sweep, type Asked } from "./Sweep";

export const asks: Asks = () => [deadQueuesQuery];

/** Jobs that have failed for good: by cause, by queue, or one by one. */
export function List() {
  const text = useText("dead", "jobs");
  const search = useSearch({ from: "/inside/dead" });
  const counted = useQuery(deadQueuesQuery);
  const [asked, ask] = useState<Asked>();
  const { view = "cause" } = search;
  const number = counted.data?.queues.reduce((sum, each) => sum + each.count, 0) ?? 0;
  const filter = { queue: search.queue, task: search.task, from: search.from };
  const isNarrow = Object.values(filter).some((each) => each !== undefined);
  const isEmpty = counted.data !== undefined && number === 0;
  return (
    <>
      <Head
        title={
          !counted.data
            ? text.dead.title
            : number
              ? text.dead.verdict(number, counted.data.more, counted.data.queues.length)
              : text.dead.none
        }
        lede={counted.data?.more ? text.dead.more(number) : null}
        acts={isEmpty ? null : <Whole filter={filter} isNarrow={isNarrow && view === "jobs"} ask={ask} />}
      />
      {counted.error ? <Failed error={counted.error} again={() => void counted.refetch()} /> : null}
      {isEmpty ? (
        <Nothing>{text.dead.noneWhy}</Nothing>
      ) : (
        <>
          <Tabs
            name={text.dead.view}
            tabs={(["cause", "queue", "jobs"] as const).map((each) => ({
              key: each,
              name: text.dead.views[each],
              to: "/dead",
              search: each === "cause" ? {} : { view: each },
              current: view === each,
            }))}
          />
          {view === "jobs" ? <Chips search={search} /> : null}
          {view === "cause" ? <Causes ask={ask} /> : null}
          {view === "queue" ? <Queues counted={counted.data} ask={ask} /> : null}
          {view === "jobs" ? <Letters search={search} ask={ask} /> : null}
        </>
      )}
      {asked ? (
        <Sweep verb={asked.verb} wanted={asked.wanted} onClose={() => ask(undefined)} done={() => asked.done?.()} />
      ) : null}
    </>
  );
}

function Whole({ filter, isNarrow, ask }: { filter: DeadSearch; isNarrow: boolean; ask: (ask: Asked) => void }) {
  const text = useText("dead", "jobs");
  const may = useRefused();
  const wanted = { filter: isNarrow ? filter : {} };
  return (
    <>
      <Button refused={may.redrive} onClick={() => ask({ verb: "redrive", wanted })}>
        {isNarrow ? text.dead.redriveMatching : text.dead.redriveAll}
      </Button>
      <Button kind="grave" refused={may.discard} onClick={() => ask({ verb: "discard", wanted })}>
        {isNarrow ? text.dead.discardMatching : text.dead.discardAll}
      </Button>
    </>
  );
}

function Chips({ search }: { search: DeadSearch }) {
  const text = useText("dead", "jobs");
  const navigate = useNavigate({ from: "/dead" });
  const names = { queue: text.dead.queue, task: text.dead.task, from: text.jobs.enqueued };
  const set = (["queue", "task", "from"] as const).filter((each) => search[each]);
  if (!set.length) return null;
  return (
    <p className={styles.chips}>
      {set.map((each) => (
        <Chip
          key={each}
          drop={text.dead.drop(names[each], search[each] ?? "")}
          onDrop={() => void navigate({ search: { ...search, [each]: undefined, after: undefined } })}
        >
          {names[each]}: {search[each]}
        </Chip>
      ))}
    </p>
  );
}
