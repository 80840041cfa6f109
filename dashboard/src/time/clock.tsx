/** The time that pages show: the server's, in the zone that was chosen. */

import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";

const KEPT = "tidemill.zone";

/** How often it is looked whether another second has begun: what has just happened is not to come. */
const OFTEN = 250;

let skew = 0;
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
    for (const each of waiting) each();
  }, OFTEN);
  return () => {
    waiting.delete(tell);
    if (waiting.size === 0) {
      clearInterval(ticking);
      ticking = undefined;
    }
  };
}

function seconds(): number {
  return Math.floor(now() / 1_000);
}

/** Now, to the second; whoever uses it is drawn anew each second. */
export function useNow(): number {
  return useSyncExternalStore(tick, seconds) * 1_000;
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
