/** Whether pages are live: heard from the stream, checked by the clock, or paused by whoever looks. */

import { createContext, use, useEffect, useMemo, useState, type ReactNode } from "react";

import { CALM, listen, type Hearing } from "./live";
import { client, MOVING, refresh, staleBy } from "./queries";

/** How often pages look where nothing is heard, in milliseconds. */
export const CHECK = 5_000;

/** What has no event: what is enqueued or taken up has none, nor has progress. */
const UNTOLD = ["jobs", "job", "queues", "overview", "statistics", "workers", "schedules"];

const Heard = createContext<{ hearing: Hearing; pause: (paused: boolean) => void }>({
  hearing: "lost",
  pause: () => undefined,
});

export function Hears({ children }: { children: ReactNode }) {
  const [heard, setHeard] = useState<Hearing>("lost");
  const [paused, pause] = useState(false);
  useEffect(() => {
    if (paused) return;
    const all = () => void client.invalidateQueries({ predicate: (query) => query.queryKey[0] !== "session" });
    const stop = listen(["**"], (told) => {
      if (told.kind === "state") setHeard(told.hearing);
      else if (told.kind === "reset") all();
      else refresh(staleBy(told.event.name), CALM);
    });
    return stop;
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
