/** Filters under names, kept in this browser. */

import { readList, type Seen } from "../../server/seen";

const KEPT = "tidemill.views";

export interface View {
  name: string;
  seen: Seen;
}

/** What is kept; what makes no sense any more is left out. */
export function views(): View[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEPT) ?? "[]");
    if (!Array.isArray(kept)) return [];
    return kept.flatMap((each: { name?: unknown; seen?: unknown }) =>
      typeof each?.name === "string" && typeof each.seen === "object" && each.seen !== null
        ? [{ name: each.name, seen: readList(each.seen as Record<string, unknown>) }]
        : [],
    );
  } catch {
    return [];
  }
}

export function keepView(name: string, seen: Seen): View[] {
  const { after: _, peek: __, ...rest } = seen;
  return write([...views().filter((each) => each.name !== name), { name, seen: rest }]);
}

export function forgetView(name: string): View[] {
  return write(views().filter((each) => each.name !== name));
}

function write(next: View[]): View[] {
  next.sort((one, other) => one.name.localeCompare(other.name));
  localStorage.setItem(KEPT, JSON.stringify(next));
  return next;
}
