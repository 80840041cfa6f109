/** Failures by cause, as pages ask for them. */

import { queryOptions } from "@tanstack/react-query";

import { change } from "./changes";
import { get, isGone } from "./http";
import type { Job, Verb } from "./jobs";
import { wayBack, type Way } from "./operations";
import type { components } from "./schema.gen";

export type Failure = components["schemas"]["Failure"];
export type FailureJobs = components["schemas"]["FailureJobs"];
export type Trait = components["schemas"]["Trait"];

/** Jobs that one change may name. */
const MOST = 1_000;

export const failuresQuery = queryOptions({
  queryKey: ["failures"],
  queryFn: ({ signal }) => get("/api/v1/failures", { signal }),
});

export function failureQuery(fingerprint: string) {
  return queryOptions({
    queryKey: ["failures", fingerprint],
    queryFn: ({ signal }) => get("/api/v1/failures/{fingerprint}", { path: { fingerprint }, signal }),
    // What is known of another one is nothing to show meanwhile.
    placeholderData: () => undefined,
  });
}

/** Has these jobs changed, however many; answers how many were, and how that is taken back. */
export async function changeThese(verb: Verb, ids: readonly string[], reason: string) {
  let count = 0;
  const ways: Way[] = [];
  for (let at = 0; at < ids.length; at += MOST) {
    const told = await change(verb, { ids: ids.slice(at, at + MOST) }, reason);
    count += told.changed;
    ways.push(...wayBack(told));
  }
  return { count, ways };
}

/** These jobs as they are now; one that is there no more is left out. */
export async function lookAt(ids: readonly string[], signal: AbortSignal): Promise<Job[]> {
  const found = await Promise.all(
    ids.map((id) =>
      get("/api/v1/jobs/{id}", { path: { id }, signal }).catch((error: unknown) => {
        if (isGone(error)) return undefined;
        throw error;
      }),
    ),
  );
  return found.filter((job) => job !== undefined);
}
