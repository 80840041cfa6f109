/** The rules of a queue as a form holds them: what is written there, what is wrong, what has changed. */

import type { Keep, Queue, Rules } from "../../server/queues";

export interface Written {
  most: string;
  count: string;
  per: string;
  burst: string;
  tenantMost: string;
  fair: boolean;
  completed: string;
  failed: string;
  cancelled: string;
}

const OUTCOMES = ["completed", "failed", "cancelled"] as const;
const UNITS = [["d", 86_400], ["h", 3_600], ["m", 60], ["s", 1]] as const;

/** Seconds as the server reads them, in the largest unit that leaves nothing over. */
export function spanOf(seconds: number | null): string {
  if (seconds === null) return "";
  const found = UNITS.find(([, length]) => seconds >= length && seconds % length === 0);
  return found ? `${seconds / found[1]}${found[0]}` : `${Math.round(seconds * 1_000)}ms`;
}

export function writtenOf(queue: Queue): Written {
  const number = (value: number | null | undefined) => (value === null || value === undefined ? "" : String(value));
  return {
    most: number(queue.most),
    count: number(queue.rate?.count),
    per: queue.rate ? spanOf(queue.rate.per) : "",
    burst: number(queue.rate?.burst ?? 0),
    tenantMost: number(queue.tenant_most),
    fair: queue.fair,
    completed: spanOf(queue.retention.completed),
    failed: spanOf(queue.retention.failed),
    cancelled: spanOf(queue.retention.cancelled),
  };
}

const isCount = (said: string) => /^\d{1,7}$/.test(said) && Number(said) >= 1 && Number(said) <= 1_000_000;

export type Wrong = Partial<Record<keyof Written, "number" | "both">>;

/** What cannot be sent as it stands; lengths of time are judged by the server. */
export function wrongIn(form: Written): Wrong {
  const wrong: Wrong = {};
  for (const name of ["most", "count", "tenantMost"] as const) if (form[name] && !isCount(form[name])) wrong[name] = "number";
  if (form.burst && form.burst !== "0" && !isCount(form.burst)) wrong.burst = "number";
  if (Boolean(form.count) !== Boolean(form.per)) wrong[form.count ? "per" : "count"] = "both";
  return wrong;
}

/** What is to be sent: the fields that differ from those that were seen, and no others. */
export function changesOf(queue: Queue, form: Written): { rules: Rules; keep: Keep } {
  const seen = writtenOf(queue);
  const rules: Partial<Rules> = {};
  const number = (said: string) => (said ? Number(said) : null);
  if (form.most !== seen.most) rules.most = number(form.most);
  if (form.tenantMost !== seen.tenantMost) rules.tenant_most = number(form.tenantMost);
  if (form.fair !== seen.fair) rules.fair = form.fair;
  if (form.count !== seen.count || form.per !== seen.per || (form.count && form.burst !== seen.burst)) {
    rules.rate = form.count ? { count: Number(form.count), per: form.per, burst: Number(form.burst || 0) } : null;
  }
  const keep: Keep = {};
  for (const outcome of OUTCOMES) if (form[outcome] !== seen[outcome]) keep[outcome] = form[outcome] || null;
  return { rules: rules as Rules, keep };
}
