/** Which of several tasks or queues stands first, and which have become slower. */

import type { Figures } from "../../server/statistics";
import type { Order } from "../../server/seen";
import { total, unhappy } from "./series";

/** What ended of one task or queue, as far as it is compared. */
export interface Ended {
  endings: Readonly<Record<string, number>>;
  success_rate: number | null;
  run: Figures["run"];
}

/** The largest first, as the server has it where nothing else is wanted; what is not known comes last. */
export function ordered<Row extends Ended>(rows: readonly Row[], order: Order | undefined): readonly Row[] {
  if (order === undefined) return rows;
  const value = (row: Row) => (order === "failed" ? unhappy(row.endings) : (row.run[order] ?? -1));
  return rows.toSorted((one, other) => value(other) - value(one));
}

/** Of fewer attempts, what 95 in a hundred stay below is what one of them took. */
const LEAST = 20;
const SLOWER = 1.5;
/**
 * The server counts lengths in bins, most twice as long as the last, so that a percentile may double where lengths
 * cross an edge by a hair. The mean is exact: it grows by this much at least where one in twenty takes twice as long.
 */
const MEAN_TOO = 1.1;
/** Seconds. Attempts are timed in whole milliseconds: a few more of these are chance. */
const LONGER = 0.01;

/** How many times as long 95 in a hundred run now as they did then, where that is worth a word. */
export function drift(now: Ended, then: Ended | undefined): number | undefined {
  if (!then || total(now.endings) < LEAST || total(then.endings) < LEAST) return undefined;
  const [p95, mean, p95Then, meanThen] = [now.run.p95, now.run.mean, then.run.p95, then.run.mean];
  if (p95 === null || mean === null || meanThen === null || !p95Then) return undefined;
  const times = p95 / p95Then;
  return times >= SLOWER && mean >= MEAN_TOO * meanThen && p95 - p95Then >= LONGER ? times : undefined;
}
