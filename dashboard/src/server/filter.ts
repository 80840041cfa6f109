/** The language of filters: `queue:mail state:failed key:order-7 late invoices`. */

import { states, type Filter } from "./seen";

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

const AGO = /^-(\d+)(m|h|d)$/;

/** A moment of a URL: so long ago (`-24h`), or a date. */
export function momentOf(written: string | undefined, now: number): string | undefined {
  if (!written) return undefined;
  const found = AGO.exec(written);
  if (!found) return Number.isNaN(Date.parse(written)) ? undefined : new Date(written).toISOString();
  const units = { m: 60_000, h: 3_600_000, d: 86_400_000 };
  return new Date(now - Number(found[1]) * units[found[2] as keyof typeof units]).toISOString();
}

/** A moment of a URL as the API takes it: what is so long ago stays that, by the server's clock. */
export function askedMoment(written: string | undefined): string | undefined {
  return written && AGO.test(written) ? written : momentOf(written, 0);
}

/** The filter as the API takes it; `now` is given where the same jobs have to be meant for longer. */
export function asked(filter: Filter, now?: number) {
  const moment = (written: string | undefined) => (now === undefined ? askedMoment(written) : momentOf(written, now));
  return {
    states: filter.state,
    queues: filter.queue,
    tasks: filter.task,
    tags: filter.tag,
    batch: filter.batch,
    unique_key: filter.key,
    source: filter.source,
    text: sought(filter.q),
    created_from: moment(filter.from),
    created_before: moment(filter.to),
  };
}

/** What is looked for in the arguments: `data.account_id:42` as it stands in JSON, other words as they are. */
export function sought(q: string | undefined): string | undefined {
  const found = q === undefined ? null : /^data\.(?:[^\s:]+\.)?([^\s:.]+):(.+)$/.exec(q);
  if (!found) return q;
  const [, name = "", value = ""] = found;
  const isPlain = /^(?:-?\d+(?:\.\d+)?|true|false|null)$/.test(value);
  return `${JSON.stringify(name)}:${isPlain ? value : JSON.stringify(bare(value))}`;
}
