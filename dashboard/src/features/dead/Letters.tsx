import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Mark } from "../../design/Mark";
import { Nothing, Skeleton } from "../../design/Notice";
import { Pages } from "../../design/Pages";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { Toolbar } from "../../design/Toolbar";
import { visible } from "../../design/visible";
import { useText, type Text } from "../../i18n/text";
import { deadQuery } from "../../server/dead";
import type { DeadSearch } from "../../server/seen";
import { faultSaid, type Job, PAGE } from "../../server/jobs";
import { Failed } from "../../shell/Broken";
import { Exports } from "./Exports";
import { useRefused } from "./refused";
import type { Asked } from "./Sweep";

/** Dead letters one by one, newest first. */
export function Letters({ search, ask }: { search: DeadSearch; ask: (ask: Asked) => void }) {
  const text = useText("dead", "jobs");
  const may = useRefused();
  const navigate = useNavigate({ from: "/dead" });
  const { data, error, isPlaceholderData, refetch } = useQuery(deadQuery(search));
  const [ids, choose] = useState<ReadonlySet<string>>(new Set());
  const jobs = data?.jobs ?? [];
  const chosen = jobs.filter((job) => ids.has(job.id));
  const words = text.dead;
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} rows={PAGE} />;
  if (!jobs.length) {
    return (
      <Nothing more={<Link to="/dead" search={{ view: "jobs" }}>{words.showAll}</Link>}>{words.noneMatch}</Nothing>
    );
  }
  const wanted = { ids: chosen.map((job) => job.id) };
  const none = chosen.length ? undefined : words.chooseFirst;
  const done = () => choose(new Set());
  const toggle = (job: Job) => {
    const next = new Set(ids);
    if (!next.delete(job.id)) next.add(job.id);
    choose(next);
  };
  return (
    <div aria-busy={isPlaceholderData}>
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      <Toolbar name={words.acts} any={chosen.length > 0} said={words.chosen(chosen.length)}>
        <Button refused={may.redrive ?? none} onClick={() => ask({ verb: "redrive", wanted, done })}>
          {words.redrive}
        </Button>
        <Button kind="grave" refused={may.discard ?? none} onClick={() => ask({ verb: "discard", wanted, done })}>
          {words.discard}
        </Button>
        <Exports rows={jobs.map(exported)} name="dead-letters" />
      </Toolbar>
      <Table<Job>
        title={words.title}
        rows={jobs}
        keyOf={(job) => job.id}
        columns={columns(text, search)}
        chosen={{
          has: (job) => ids.has(job.id),
          toggle,
          toggleAll: () => choose(new Set(chosen.length === jobs.length ? [] : jobs.map((job) => job.id))),
          all: chosen.length === jobs.length,
          nameOf: (job) => words.choose(job.task),
          allName: words.chooseAll,
        }}
      />
      <Pages
        newest={search.after ? () => void navigate({ search: { ...search, after: undefined } }) : undefined}
        older={data.cursor ? () => void navigate({ search: { ...search, after: data.cursor ?? undefined } }) : undefined}
      />
    </div>
  );
}

function columns(text: Text<"dead" | "jobs">, search: DeadSearch): Column<Job>[] {
  const words = text.dead;
  return [
    {
      name: "task",
      head: words.task,
      kind: "name",
      cell: (job) => (
        <Link to="/jobs/$id" params={{ id: job.id }}>
          <Mark state={job.state} name={text.common.states[job.state]} /> {job.task}
        </Link>
      ),
    },
    {
      name: "said",
      head: words.said,
      kind: "cut",
      cell: (job) => (job.error ? <span title={visible(job.error.message)}>{faultSaid(job.error)}</span> : null),
    },
    {
      name: "queue",
      head: words.queue,
      spare: true,
      cell: (job) => (
        <Link to="/dead" search={{ ...search, view: "jobs", queue: job.queue, after: undefined }}>
          {job.queue}
        </Link>
      ),
    },
    { name: "attempt", head: text.jobs.attempt, kind: "number", cell: (job) => `${job.attempt}/${job.max_attempts}` },
    { name: "died", head: words.died, kind: "number", cell: (job) => <Time at={job.finished_at ?? job.created_at} only="ago" /> },
  ];
}

function exported(job: Job) {
  return {
    id: job.id,
    task: job.task,
    queue: job.queue,
    tenant: job.tenant,
    attempt: job.attempt,
    created_at: job.created_at,
    finished_at: job.finished_at,
    kind: job.error?.kind ?? "",
    message: job.error?.message ?? "",
    tags: job.tags,
    arguments: job.arguments,
    traceback: job.error?.traceback ?? "",
  };
}
