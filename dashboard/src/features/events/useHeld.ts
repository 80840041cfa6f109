import { useEffect, useState } from "react";

/** What is shown of a list that grows at its head: while it is held, what is new waits. */
export function held<Row extends { position: number }>(
  shown: readonly Row[] | undefined,
  found: readonly Row[],
  isHeld: boolean,
): { rows: readonly Row[]; fresh: number; more: boolean } {
  const first = shown?.[0]?.position;
  if (!shown || first === undefined || !isHeld) return { rows: found, fresh: 0, more: false };
  const fresh = found.filter((row) => row.position > first).length;
  return { rows: shown, fresh, more: fresh > 0 && fresh === found.length };
}

/**
 * Keeps a list still while somebody is at it.
 *
 * @param about - What is listed; something else is shown at once.
 */
export function useHeld<Row extends { position: number }>(found: readonly Row[], isHeld: boolean, about: string) {
  const [kept, keep] = useState<{ about: string; rows: readonly Row[] }>({ about, rows: found });
  const shown = kept.about === about ? kept.rows : undefined;
  const now = held(shown, found, isHeld);
  useEffect(() => {
    if (now.rows !== kept.rows || kept.about !== about) keep({ about, rows: now.rows });
  }, [now.rows, kept, about]);
  return { ...now, release: () => keep({ about, rows: found }) };
}
