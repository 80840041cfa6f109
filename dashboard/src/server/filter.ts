/** The language of filters: `queue:mail state:failed key:order-7 late invoices`. */

import { STATES, type State } from "../design/Mark";

/** What a list of jobs is narrowed by; the same names in every URL. */
export interface Filter {
  state?: State[] | undefined;
  queue?: string[] | undefined;
  task?: string[] | undefined;
  tag?: string[] | undefined;
  worker?: string | undefined;
  batch?: string | undefined;
  key?: string | undefined;
  source?: string | undefined;
  q?: string | undefined;
  from?: string | undefined;
  to?: string | undefined;
  after?: string | undefined;
}

const SEVERAL = ["state", "queue", "task", "tag"] as const;
const ONE = ["batch", "key", "source", "from", "to"] as const;

export const QUALIFIERS = [...SEVERAL, ...ONE] as const;

const TOKEN = /([a-z]+):("(?:[^"\\]|\\.)*"|\S+)|("(?:[^"\\]|\\.)*"|\S+)/g;

/** What a person has written, as a filter; what is no qualifier is looked for in the arguments. */
export function understood(written: string): Filter {
  const filter: Filter = {};
  const rest: string[] = [];
  for (const [whole, name, value] of written.matchAll(TOKEN)) {
    const said = bare(value ?? whole);
    const several = SEVERAL.find((each) => each === name);
    const one = ONE.find((each) => each === name);
    if (several === "state") filter.state = [...(filter.state ?? []), ...states(said)];
    else if (several) filter[several] = [...(filter[several] ?? []), ...said.split(",").filter(Boolean)];
    else if (one) filter[one] = said;
    else rest.push(bare(whole));
  }
  if (rest.length) filter.q = rest.join(" ");
  return filter;
}

function states(said: string): State[] {
  return said.split(",").flatMap((each) => STATES.filter((state) => state === each));
}

function bare(said: string): string {
  return said.startsWith('"') && said.endsWith('"') && said.length > 1
    ? said.slice(1, -1).replace(/\\(.)/g, "$1")
    : said;
}

/** A filter as a person would write it. */
export function spelled(filter: Filter): string {
  const parts = [
    ...SEVERAL.flatMap((name) => (filter[name] ?? []).map((each) => `${name}:${quoted(each)}`)),
    ...ONE.flatMap((name) => (filter[name] ? [`${name}:${quoted(filter[name])}`] : [])),
    ...(filter.q ? [filter.q] : []),
  ];
  return parts.join(" ");
}

function quoted(said: string): string {
  return /[\s",]/.test(said) ? `"${said.replace(/["\\]/g, "\\$&")}"` : said;
}

/** Reads a filter out of a URL; what is there and makes no sense is left out. */
export function readFilter(search: Record<string, unknown>): Filter {
  const filter: Filter = {};
  const list = (value: unknown) =>
    (Array.isArray(value) ? value : typeof value === "string" ? value.split(",") : [])
      .map(String)
      .filter(Boolean);
  const state = list(search["state"]).flatMap(states);
  if (state.length) filter.state = state;
  for (const name of ["queue", "task", "tag"] as const) {
    const found = list(search[name]);
    if (found.length) filter[name] = found;
  }
  for (const name of ["worker", "batch", "key", "source", "q", "from", "to", "after"] as const) {
    const value = search[name];
    if (typeof value === "string" && value) filter[name] = value;
    else if (typeof value === "number") filter[name] = String(value);
  }
  return filter;
}

/** A moment of a URL: so long ago (`-24h`), or a date. */
export function momentOf(written: string | undefined, now: number): string | undefined {
  if (!written) return undefined;
  const found = /^-(\d+)(m|h|d)$/.exec(written);
  if (!found) return Number.isNaN(Date.parse(written)) ? undefined : new Date(written).toISOString();
  const units = { m: 60_000, h: 3_600_000, d: 86_400_000 };
  return new Date(now - Number(found[1]) * units[found[2] as keyof typeof units]).toISOString();
}

/** The filter as the API takes it. */
export function asked(filter: Filter, now: number) {
  return {
    states: filter.state,
    queues: filter.queue,
    tasks: filter.task,
    tags: filter.tag,
    batch: filter.batch,
    unique_key: filter.key,
    source: filter.source,
    text: filter.q,
    created_from: momentOf(filter.from, now),
    created_before: momentOf(filter.to, now),
  };
}
