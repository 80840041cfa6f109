/** The time that pages show: the server's, in the zone that was chosen. */

import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";

const KEPT = "tidemill.zone";

let skew = 0;
let second = Math.floor(Date.now() / 1_000);
const waiting = new Set<() => void>();
let ticking: ReturnType<typeof setInterval> | undefined;

/** Sets our clock by the server's `Date` header; half a second is not worth a word. */
export function setBy(date: string | null): void {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isFinite(theirs) && Math.abs(theirs - Date.now()) > 2_000) skew = theirs - Date.now();
}

export function now(): number {
  return Date.now() + skew;
}

/** How far this machine's clock is from the server's, in milliseconds. */
export function skewed(): number {
  return skew;
}

function tick(tell: () => void): () => void {
  waiting.add(tell);
  ticking ??= setInterval(() => {
    second = Math.floor(now() / 1_000);
    for (const each of waiting) each();
  }, 1_000);
  return () => {
    waiting.delete(tell);
    if (waiting.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

/** Now, to the second; whoever uses it is drawn anew each second. */
export function useNow(): number {
  return useSyncExternalStore(tick, () => second) * 1_000;
}

const Zone = createContext<{ zone: string; choose: (zone: string) => void }>({
  zone: "UTC",
  choose: () => undefined,
});

export function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

export function Zoned({ children }: { children: ReactNode }) {
  const [zone, set] = useState(() => localStorage.getItem(KEPT) ?? ownZone());
  useEffect(() => localStorage.setItem(KEPT, zone), [zone]);
  return <Zone value={{ zone, choose: set }}>{children}</Zone>;
}

export function useZone() {
  return use(Zone);
}
