import { Link } from "@tanstack/react-router";

import { Mark } from "../../design/Mark";
import type { Column } from "../../design/Table";
import { Length, Time } from "../../design/Time";
import type { Text } from "../../i18n/text";
import type { Job } from "../../server/jobs";
import styles from "./List.module.css";
import { note } from "./note";

export const CHOICES = ["note", "id", "queue", "priority", "attempt", "started", "finished", "ran", "worker", "batch", "tags", "enqueued"] as const;
export type ColumnName = (typeof CHOICES)[number];
const USUAL: readonly ColumnName[] = ["note", "queue", "attempt", "enqueued"];

/** The columns that are shown beside the task; those that make no sense are left out. */
export function shownOf(wanted: readonly string[] | undefined): ColumnName[] {
  if (wanted === undefined) return [...USUAL];
  return CHOICES.filter((each) => wanted.includes(each));
}

export function columnsOf(text: Text<"jobs">, shown: readonly ColumnName[]): Column<Job>[] {
  const all: Record<ColumnName, Column<Job>> = {
    note: { name: "note", head: text.jobs.note, kind: "cut", cell: (job) => <span title={note(job)}>{note(job)}</span> },
    id: { name: "id", head: text.jobs.id, kind: "tight", spare: true, cell: (job) => <code>{job.id}</code> },
    queue: {
      name: "queue",
      head: text.jobs.queue,
      cell: (job) => (
        <Link to="/jobs" search={{ queue: [job.queue] }}>
          {job.queue}
        </Link>
      ),
    },
    priority: { name: "priority", head: text.jobs.shown.priority, kind: "number", spare: true, cell: (job) => job.priority },
    attempt: { name: "attempt", head: text.jobs.attempt, kind: "number", cell: (job) => `${job.attempt}/${job.max_attempts}` },
    started: { name: "started", head: text.jobs.shown.started, kind: "number", spare: true, cell: (job) => (job.started_at ? <Time at={job.started_at} only="ago" /> : "–") },
    finished: { name: "finished", head: text.jobs.shown.finished, kind: "number", spare: true, cell: (job) => (job.finished_at ? <Time at={job.finished_at} only="ago" /> : "–") },
    ran: { name: "ran", head: text.jobs.ran, kind: "number", spare: true, cell: (job) => (job.duration === null ? "–" : <Length seconds={job.duration} />) },
    worker: { name: "worker", head: text.jobs.shown.worker, kind: "number", spare: true, cell: (job) => job.worker ?? "–" },
    batch: { name: "batch", head: text.jobs.shown.batch, kind: "tight", spare: true, cell: (job) => (job.batch ? <code>{job.batch.slice(0, 8)}</code> : "") },
    tags: { name: "tags", head: text.jobs.shown.tags, spare: true, cell: (job) => job.tags.join(", ") },
    enqueued: { name: "enqueued", head: text.jobs.enqueued, kind: "number", cell: (job) => <Time at={job.created_at} only="ago" /> },
  };
  return [
    {
      name: "task",
      head: text.jobs.task,
      kind: "name",
      cell: (job) => (
        <Link to="/jobs/$id" params={{ id: job.id }}>
          <Mark state={job.state} name={text.common.states[job.state]} /> {job.task}
        </Link>
      ),
    },
    ...shown.map((each) => all[each]),
    {
      name: "peek",
      head: text.jobs.peek,
      unseen: true,
      kind: "tight",
      spare: true,
      cell: (job) => (
        <Link from="/jobs" to="." search={(there) => ({ ...there, peek: job.id })} replace resetScroll={false} aria-label={`${text.jobs.peek}: ${job.task}`} title={text.jobs.peek} className={styles.peek}>
          ❯
        </Link>
      ),
    },
  ];
}
