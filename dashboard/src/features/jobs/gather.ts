/** Keeps the rows in place while somebody is busy with them. */

import { useState } from "react";

interface Known {
  id: string;
}

/** The rows that stand there, each as it is now, and how many newer ones wait to be shown. */
export function gathered<Row extends Known>(shown: readonly Row[], latest: readonly Row[]): { rows: Row[]; fresh: number } {
  const now = new Map(latest.map((row) => [row.id, row]));
  const known = new Set(shown.map((row) => row.id));
  return {
    rows: shown.map((row) => now.get(row.id) ?? row),
    fresh: latest.filter((row) => !known.has(row.id)).length,
  };
}

/**
 * While `held`, new rows gather behind a button; else they come at once.
 *
 * `place` is what these are the rows of; `undefined`: still of what was looked at before.
 */
export function useGathered<Row extends Known>(latest: readonly Row[], held: boolean, place: string | undefined) {
  const [kept, keep] = useState<{ rows: readonly Row[]; place: string | undefined }>({ rows: latest, place });
  const stays = held && place !== undefined && kept.place === place && kept.rows.length > 0;
  const { rows, fresh } = stays ? gathered(kept.rows, latest) : { rows: [...latest], fresh: 0 };
  if (!stays && (kept.rows !== latest || kept.place !== place)) keep({ rows: latest, place });
  return { rows, fresh, show: () => keep({ rows: latest, place }) };
}
