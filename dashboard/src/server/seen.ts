/** What URLs say of pages: which part is looked at, and what it is narrowed by. What makes no sense is left out. */

import { STATES, type State } from "../design/states";

type Written = Record<string, unknown>;

/** The words that a URL has under these names; digits alone are a word, too. */
export function words<Name extends string>(search: Written, names: readonly Name[]): { [N in Name]?: string } {
  const found: { [N in Name]?: string } = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === "string" ? value !== "" : typeof value === "number") found[name] = String(value);
  }
  return found;
}

/** One of a few words that a URL has under a name. */
function oneOf<Name extends string, const W extends string>(search: Written, name: Name, known: readonly W[]): { [N in Name]?: W } {
  const found = known.find((each) => each === search[name]);
  return (found === undefined ? {} : { [name]: found }) as { [N in Name]?: W };
}

/** The whole numbers that a URL has under these names, from `least` on. */
function numbers<Name extends string>(search: Written, names: readonly Name[], least: number): { [N in Name]?: number } {
  const found: { [N in Name]?: number } = {};
  for (const name of names) {
    const value = Number(search[name] ?? Number.NaN);
    if (search[name] !== "" && Number.isSafeInteger(value) && value >= least) found[name] = value;
  }
  return found;
}

/** The switches that a URL has on. */
export function switches<Name extends string>(search: Written, ...names: readonly Name[]): { [N in Name]?: boolean } {
  const found: { [N in Name]?: boolean } = {};
  for (const name of names) if (search[name] === true) found[name] = true;
  return found;
}

/** A tab that a URL names; what names none is the first one, which goes without. */
export function tabOf<T extends string>(...tabs: readonly T[]) {
  return (search: Written): { tab?: T } => oneOf(search, "tab", tabs);
}

/** What a list of jobs is narrowed by; the same names in every URL. */
export interface Filter {
  state?: State[] | undefined;
  queue?: string[] | undefined;
  task?: string[] | undefined;
  tag?: string[] | undefined;
  batch?: string | undefined;
  key?: string | undefined;
  source?: string | undefined;
  q?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  after?: string | undefined;
}

/** The states among words with commas between them. */
export function states(said: string): State[] {
  return said.split(",").flatMap((each) => STATES.filter((state) => state === each));
}

export function readFilter(search: Written): Filter {
  const filter: Filter = words(search, ["batch", "key", "source", "q", "from", "to", "after"]);
  const list = (value: unknown) =>
    (Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : typeof value === "number" ? [value] : []).map(String).filter(Boolean);
  const state = list(search["state"]).flatMap(states);
  if (state.length) filter.state = state;
  for (const name of ["queue", "task", "tag"] as const) {
    const found = list(search[name]);
    if (found.length) filter[name] = found;
  }
  return filter;
}

/** What a list of jobs shows beside what it is narrowed by. */
export interface Seen extends Filter {
  /** The job that is looked at beside the list. */
  peek?: string | undefined;
  cols?: string[] | undefined;
  /** How many jobs stand on a page, where it is not the first of `SIZES`. */
  size?: number | undefined;
}

export const SIZES = [25, 50, 100, 200] as const;

export function readList(search: Written): Seen {
  const seen: Seen = { ...readFilter(search), ...words(search, ["peek"]) };
  const cols = search["cols"];
  if (Array.isArray(cols)) seen.cols = cols.map(String);
  const size = SIZES.find((each) => each === search["size"]);
  if (size !== undefined && size !== SIZES[0]) seen.size = size;
  return seen;
}

export const PARTS = ["attempt", "payload", "result", "history", "related"] as const;
export type Part = (typeof PARTS)[number];
export const LEVELS = ["debug", "info", "warning", "error", "critical"] as const;

/** What of a job is looked at. */
export interface JobSeen {
  tab?: Part | undefined;
  attempt?: number | undefined;
  /** When that attempt began, where several have its number. */
  began?: string | undefined;
  line?: number | undefined;
  level?: (typeof LEVELS)[number] | undefined;
  find?: string | undefined;
}

export function readJob(search: Written): JobSeen {
  return {
    ...oneOf(search, "tab", PARTS),
    ...oneOf(search, "level", LEVELS),
    ...numbers(search, ["attempt", "line"], 1),
    ...words(search, ["find", "began"]),
  };
}

export const VIEWS = ["list", "timeline"] as const;
export const LANES = ["worker", "queue", "task", "tag"] as const;
export type Lanes = (typeof LANES)[number];

export interface AttemptsSeen {
  queue?: string | undefined;
  task?: string | undefined;
  worker?: number | undefined;
  from?: string | undefined;
  to?: string | undefined;
  view?: (typeof VIEWS)[number] | undefined;
  lanes?: Lanes | undefined;
  /** What stands before the colon of the tags that lanes are drawn by; without it, the one that most have. */
  prefix?: string | undefined;
}

export function readAttempts(search: Written): AttemptsSeen {
  return {
    ...words(search, ["queue", "task", "from", "to", "prefix"]),
    ...numbers(search, ["worker"], 0),
    ...oneOf(search, "view", VIEWS),
    ...oneOf(search, "lanes", LANES),
  };
}

/** What the audit log is narrowed by. */
export interface Search {
  actor?: string;
  action?: string;
  target?: string;
  result?: "done" | "refused";
  from?: string;
  to?: string;
}

export function readSearch(search: Written): Search {
  return {
    ...words(search, ["actor", "action", "target", "from", "to"]),
    ...oneOf(search, "result", ["done", "refused"]),
  };
}

export type DeadView = "cause" | "queue" | "jobs";

/** What dead letters are narrowed by. */
export interface DeadSearch {
  view?: Exclude<DeadView, "cause"> | undefined;
  queue?: string | undefined;
  task?: string | undefined;
  from?: string | undefined;
  after?: string | undefined;
}

export function readDead(search: Written): DeadSearch {
  return { ...oneOf(search, "view", ["queue", "jobs"]), ...words(search, ["queue", "task", "from", "after"]) };
}

export const SPANS = ["-1h", "-24h", "-7d"] as const;

/** What events are narrowed by. */
export interface EventsSearch {
  view?: "statistics" | "subscriptions" | undefined;
  pattern?: string | undefined;
  source?: string | undefined;
  since?: (typeof SPANS)[number] | undefined;
  after?: number | undefined;
  event?: number | undefined;
}

export function readEvents(search: Written): EventsSearch {
  return {
    ...oneOf(search, "view", ["statistics", "subscriptions"]),
    ...oneOf(search, "since", SPANS),
    ...words(search, ["pattern", "source"]),
    ...numbers(search, ["after", "event"], 0),
  };
}

/** What a list of failures is narrowed by. */
export interface FailuresSearch {
  state?: "failed" | "retrying" | undefined;
  task?: string | undefined;
  sort?: "last" | undefined;
}

export function readFailures(search: Written): FailuresSearch {
  return { ...oneOf(search, "state", ["failed", "retrying"]), ...words(search, ["task"]), ...oneOf(search, "sort", ["last"]) };
}

export const STEPS = ["minute", "hour", "day"] as const;
export type Step = (typeof STEPS)[number];
/** What tasks and queues are put in the order of, beside how many ended. */
export const ORDERS = ["failed", "p50", "p95", "mean"] as const;
export type Order = (typeof ORDERS)[number];

/** Which figures are looked at. */
export interface FiguresSeen {
  from?: string | undefined;
  step?: Step | undefined;
  queue?: string | undefined;
  task?: string | undefined;
  before?: boolean | undefined;
  table?: boolean | undefined;
  sort?: Order | undefined;
}

export function readFigures(search: Written): FiguresSeen {
  return { ...words(search, ["from", "queue", "task"]), ...oneOf(search, "step", STEPS), ...oneOf(search, "sort", ORDERS), ...switches(search, "before", "table") };
}
