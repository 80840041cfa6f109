import type { Verb } from "../../server/jobs";

/** The single keys of what can be done to jobs, on the list and on a job's own page. */
export const KEYS: Partial<Record<Verb, { key: string }>> = { retry: { key: "r" }, cancel: { key: "c" }, delete: { key: "#" } };
