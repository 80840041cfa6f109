/** Standing on a row of a list: `j` and `k` go, `x` chooses, Enter opens. */

import { useEffect, useRef, useState } from "react";

import { isBusy, useKeys } from "./keys";

interface Rows {
  count: number;
  /** Names each row as the table does, so that it can be scrolled to. */
  keyOf: (at: number) => string;
  open?: (at: number) => void;
  choose?: (at: number, upTo: boolean) => void;
}

/** Which row the keyboard stands on; `undefined`: none yet. */
export function useRows(rows: Rows): number | undefined {
  const { on } = useKeys();
  const [at, go] = useState<number>();
  const now = useRef({ rows, at });
  now.current = { rows, at: at === undefined || rows.count === 0 ? undefined : Math.min(at, rows.count - 1) };
  useEffect(() => {
    if (!on) return;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event)) return;
      const { rows: list, at: here } = now.current;
      const next = stepped(event.key, here, list.count);
      if (next !== undefined) {
        go(next);
        document.querySelector(`[data-row="${CSS.escape(list.keyOf(next))}"]`)?.scrollIntoView({ block: "nearest" });
      } else if (here === undefined) return;
      else if (event.key === "x" || event.key === "X") list.choose?.(here, event.shiftKey);
      else if (event.key === "Enter" && list.open && !isOwn(event.target)) list.open(here);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [on]);
  return now.current.at;
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
