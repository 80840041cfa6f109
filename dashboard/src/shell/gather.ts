/** Keeps the rows of a list in place while somebody is busy with them. */

import { useState } from "react";

interface Gathered<Row> {
  rows: readonly Row[];
  /** How many newer ones wait to be shown. */
  fresh: number;
  /** Whether there may be newer ones yet than were fetched. */
  more: boolean;
}

/** The rows that stand there, each as it is now, and the newer ones that wait. */
export function gathered<Row>(shown: readonly Row[], latest: readonly Row[], keyOf: (row: Row) => string): Gathered<Row> {
  const now = new Map(latest.map((row) => [keyOf(row), row]));
  const known = new Set(shown.map(keyOf));
  const fresh = [...now.keys()].filter((key) => !known.has(key)).length;
  return { rows: shown.map((row) => now.get(keyOf(row)) ?? row), fresh, more: fresh > 0 && fresh === latest.length };
}

/**
 * While `held`, new rows gather behind a button; else they come at once.
 *
 * `latest` is the same array until there are others. `place` is what these are the rows of;
 * `undefined`: still of what was looked at before.
 */
export function useGathered<Row>(latest: readonly Row[], keyOf: (row: Row) => string, held: boolean, place: string | undefined) {
  const [kept, keep] = useState<{ rows: readonly Row[]; place: string | undefined }>({ rows: latest, place });
  const stays = held && place !== undefined && kept.place === place && kept.rows.length > 0;
  const { rows, fresh, more } = stays ? gathered(kept.rows, latest, keyOf) : { rows: latest, fresh: 0, more: false };
  if (!stays && (kept.rows !== latest || kept.place !== place)) keep({ rows: latest, place });
  return { rows, fresh, more, show: () => keep({ rows: latest, place }) };
}
