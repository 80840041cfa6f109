/** Whether the server is there, by what became of the last request, and how old what is shown may be. */

import { useSyncExternalStore } from "react";

const GONE: readonly number[] = [502, 503, 504];

let heard = Date.now();
let lost: number | undefined;
const told = new Set<() => void>();

function become(next: number | undefined): void {
  if ((lost === undefined) === (next === undefined)) return;
  lost = next;
  for (const each of told) each();
}

/** Takes note of an answer's status; `undefined`: there was none. */
export function noticed(status: number | undefined): void {
  const isGone = status === undefined || GONE.includes(status);
  if (!isGone) heard = Date.now();
  become(isGone ? heard : undefined);
}

/** When the server was last heard of, by this machine's clock, if it cannot be reached now. */
export function useLost(): number | undefined {
  return useSyncExternalStore(
    (tell) => {
      told.add(tell);
      return () => told.delete(tell);
    },
    () => lost,
  );
}
