/** Standing on a row of a list: `j` and `k` go, `x` chooses, Enter opens. */

import { useEffect, useEffectEvent, useState } from "react";

import { isBusy, useKeys } from "./keys";

interface Rows {
  /** What each row is called, as the table has it: one stays on its row, whatever comes above it. */
  keys: readonly string[];
  open?: (at: number) => void;
  choose?: (at: number, upTo: boolean) => void;
}

/** Which row the keyboard stands on; `undefined`: none yet. */
export function useRows({ keys, open, choose }: Rows): number | undefined {
  const { on } = useKeys();
  const [stood, stand] = useState<{ key: string; at: number }>();
  const here = stood && placeOf(keys, stood);
  const press = useEffectEvent((event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event)) return;
    const next = stepped(event.key, here, keys.length);
    const key = next === undefined ? undefined : keys[next];
    if (next !== undefined && key !== undefined) {
      stand({ key, at: next });
      document.querySelector(`[data-row="${CSS.escape(key)}"]`)?.scrollIntoView({ block: "nearest" });
    } else if (here === undefined) return;
    else if (choose && event.key.toLowerCase() === "x") choose(here, event.shiftKey);
    else if (open && event.key === "Enter" && !isOwn(event.target)) open(here);
    else return;
    event.preventDefault();
  });
  useEffect(() => {
    if (!on) return;
    const hear = (event: KeyboardEvent) => press(event);
    addEventListener("keydown", hear);
    return () => removeEventListener("keydown", hear);
  }, [on]);
  return here;
}

/** Where that row is now; where it has gone, whatever has come to its place. */
function placeOf(keys: readonly string[], stood: { key: string; at: number }): number | undefined {
  const found = keys.indexOf(stood.key);
  if (found >= 0) return found;
  return keys.length ? Math.min(stood.at, keys.length - 1) : undefined;
}

function stepped(key: string, at: number | undefined, count: number): number | undefined {
  if (count === 0 || (key !== "j" && key !== "k")) return undefined;
  if (at === undefined) return key === "j" ? 0 : count - 1;
  return Math.max(0, Math.min(count - 1, at + (key === "j" ? 1 : -1)));
}

/** Whether Enter means something else there. */
function isOwn(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("a, button, summary") !== null;
}
