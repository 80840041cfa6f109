/** Whether the server is there, by what became of the last request, and since when it is not. */

import { useSyncExternalStore } from "react";

const GONE: readonly number[] = [502, 503, 504];

let lost: number | undefined;
const told = new Set<() => void>();

function become(next: number | undefined): void {
  if ((lost === undefined) === (next === undefined)) return;
  lost = next;
  for (const each of told) each();
}

/** Takes note of an answer's status; `undefined`: there was none. */
export function noticed(status: number | undefined): void {
  become(status === undefined || GONE.includes(status) ? Date.now() : undefined);
}

/** Since when the server cannot be reached, by this machine's clock; `undefined`: it can. */
export function useLost(): number | undefined {
  return useSyncExternalStore(
    (tell) => {
      told.add(tell);
      return () => told.delete(tell);
    },
    () => lost,
  );
}
