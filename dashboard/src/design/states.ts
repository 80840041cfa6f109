/** The states of a job, in the order in which they are shown everywhere. */

export const STATES = [
  "scheduled",
  "blocked",
  "waiting",
  "running",
  "retrying",
  "completed",
  "failed",
  "cancelled",
] as const;

export type State = (typeof STATES)[number];
