/** Whether pages are live: heard from the stream, checked by the clock, or paused by whoever looks. */

import { createContext, use, useEffect, useMemo, useRef, useState, type ReactNode } from "react";

import { CALM, listen, type Hearing } from "./live";
import { client, MOVING, refresh, staleBy } from "./queries";

/** How often pages look where nothing is heard, in milliseconds. */
export const CHECK = 5_000;

/** What has no event: what is enqueued or taken up has none, nor has progress. */
const UNTOLD = ["jobs", "job", "queues", "overview", "statistics", "workers", "schedules", "audit", "access"];

const Heard = createContext<{ hearing: Hearing; pause: (paused: boolean) => void }>({
  hearing: "lost",
  pause: () => undefined,
});

export function Hears({ children }: { children: ReactNode }) {
  const [heard, setHeard] = useState<Hearing>("lost");
  const [paused, pause] = useState(false);
  const isNew = useRef(true);
  useEffect(() => {
    if (paused) return;
    const all = () => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    let soon: ReturnType<typeof setTimeout> | undefined;
    const stop = listen(["**"], (told) => {
      if (told.kind === "state") setHeard(told.hearing);
      else if (told.kind === "reset") {
        // What a page has asked before it heard anything is a moment old: that is seen to, but not at once.
        soon = setTimeout(all, isNew.current ? CHECK : 0);
        isNew.current = false;
      }
      else refresh(staleBy(told.event.name), CALM);
    });
    return () => {
      clearTimeout(soon);
      stop();
    };
  }, [paused]);
  useEffect(() => {
    if (paused) return;
    const check = setInterval(() => {
      if (!document.hidden) refresh(heard === "live" ? UNTOLD : MOVING, 0);
    }, CHECK);
    return () => clearInterval(check);
  }, [heard, paused]);
  const value = useMemo(() => ({ hearing: paused ? ("paused" as const) : heard, pause }), [heard, paused]);
  return <Heard value={value}>{children}</Heard>;
}

export function useHearing() {
  return use(Heard);
}
