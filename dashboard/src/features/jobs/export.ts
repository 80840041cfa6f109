/** What matches a filter, as a file. */

import { plain } from "../../design/plain";
import { asked } from "../../server/filter";
import type { Filter } from "../../server/seen";
import { get } from "../../server/http";
import type { Job } from "../../server/jobs";
import { now } from "../../time/clock";

/** Jobs that one file takes at most. */
export const MOST = 50_000;
const PAGE = 200;

const COLUMNS = ["id", "task", "queue", "state", "priority", "attempt", "max_attempts", "created_at", "ready_at", "started_at", "finished_at", "duration", "tenant", "tags", "batch", "reason", "error", "arguments"] as const;

export type Format = "csv" | "ndjson";

/** A value as a cell: quoted, and never taken for a formula by a spreadsheet. */
export function cell(value: string): string {
  const safe = /^[\s]*[=+\-@]/.test(value) && !/^-?\d+(\.\d+)?$/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function shown(job: Job, column: (typeof COLUMNS)[number]): string {
  if (column === "error") return job.error ? `${job.error.kind}: ${job.error.message}` : "";
  if (column === "tags") return job.tags.join(" ");
  if (column === "arguments") return typeof job.arguments === "string" ? job.arguments : plain(job.arguments, "").replaceAll("\n", " ");
  const value = job[column];
  return value === null ? "" : String(value);
}

export function rowsOf(jobs: readonly Job[], format: Format): string {
  if (format === "ndjson") return jobs.map((job) => `${plain(job, "").replaceAll("\n", "")}\n`).join("");
  return jobs.map((job) => `${COLUMNS.map((column) => cell(shown(job, column))).join(",")}\r\n`).join("");
}

/** Fetches all that matches, page by page, and hands it to the browser as a file. */
export async function exported(filter: Filter, format: Format, told: (count: number) => void): Promise<{ count: number; cut: boolean }> {
  const parts = format === "csv" ? [`${COLUMNS.join(",")}\r\n`] : [];
  const query = asked(filter, now());
  let cursor: string | null = null;
  let count = 0;
  do {
    const page: { jobs: Job[]; cursor: string | null } = await get("/api/v1/jobs", { query: { ...query, cursor, limit: PAGE } });
    parts.push(rowsOf(page.jobs, format));
    count += page.jobs.length;
    cursor = page.cursor;
    told(count);
  } while (cursor !== null && count < MOST);
  save(new Blob(parts, { type: format === "csv" ? "text/csv" : "application/x-ndjson" }), `jobs.${format}`);
  return { count, cut: cursor !== null };
}

/** Has the browser keep something under a name. */
export function save(what: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(what);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
