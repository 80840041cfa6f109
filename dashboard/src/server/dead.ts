/** Dead letters: jobs that have failed for good. */

import { keepPreviousData, queryOptions } from "@tanstack/react-query";

import { askedMoment } from "./filter";
import { get, post } from "./http";
import { PAGE } from "./jobs";
import { wayBack, type Way } from "./operations";
import { client } from "./queries";
import type { DeadSearch, Filter } from "./seen";

function asked(search: DeadSearch) {
  return {
    ...(search.queue ? { queues: [search.queue] } : {}),
    ...(search.task ? { tasks: [search.task] } : {}),
    ...(search.from ? { created_from: askedMoment(search.from) } : {}),
  };
}

/** The same jobs in the words of the list of jobs. */
export function asJobs(search: DeadSearch): Filter {
  return {
    state: ["failed"],
    ...(search.queue ? { queue: [search.queue] } : {}),
    ...(search.task ? { task: [search.task] } : {}),
    ...(search.from ? { from: search.from } : {}),
  };
}

export function deadQuery(search: DeadSearch) {
  return queryOptions({
    queryKey: ["dead", search],
    queryFn: ({ signal }) =>
      get("/api/v1/dead-letters", { query: { ...asked(search), cursor: search.after, limit: PAGE }, signal }),
    placeholderData: keepPreviousData,
  });
}

export const deadQueuesQuery = queryOptions({
  queryKey: ["dead", "by queue"],
  queryFn: ({ signal }) => get("/api/v1/dead-letters/queues", { signal }),
});

/** Which dead letters are meant: these, those of a filter, or, of an empty one, all. */
export type DeadMeant = { ids: readonly string[] } | { filter: DeadSearch };

const PATHS = { redrive: "/api/v1/dead-letters/redrive", discard: "/api/v1/dead-letters/discard" } as const;
export type DeadVerb = keyof typeof PATHS;

/** Jobs that one change may name. */
const MOST = 1_000;

/**
 * Has dead letters run again or thrown away; answers how many, whether a job goes on with more, and
 * how it is taken back.
 */
export async function sweep(verb: DeadVerb, meant: DeadMeant, reason: string) {
  let [changed, goesOn] = [0, false];
  const ways: Way[] = [];
  for (const body of bodies(meant)) {
    const told = await post(PATHS[verb], { body, reason });
    changed += told.changed;
    goesOn ||= told.job !== null;
    ways.push(...wayBack(told));
  }
  await client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
  return { changed, goesOn, ways };
}

function bodies(meant: DeadMeant) {
  if ("ids" in meant) {
    const slices = Math.ceil(meant.ids.length / MOST);
    return Array.from({ length: slices }, (_, at) => ({ ids: meant.ids.slice(at * MOST, (at + 1) * MOST), all: false }));
  }
  const filter = asked(meant.filter);
  return [Object.keys(filter).length ? { filter, all: false } : { all: true }];
}
