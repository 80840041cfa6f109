/** Which lines of a log are meant, and how they are written to a file. */

import { LEVELS, type JobSeen } from "../../server/seen";
import type { components } from "../../server/schema.gen";
import { plain } from "./ansi";

type Said = components["schemas"]["LogLine"];

export interface Line extends Said {
  /** Its place in the whole log, from 1. */
  number: number;
  /** Its message without colours, which is what is searched. */
  plain: string;
}

export function numbered(lines: readonly Said[]): Line[] {
  return lines.map((line, at) => ({ ...line, number: at + 1, plain: plain(line.message) }));
}

/** Those of at least a level that say a text, wherever in them it stands. */
export function meantBy(lines: readonly Line[], { level, find }: Pick<JobSeen, "level" | "find">): Line[] {
  const least = level === undefined ? 0 : LEVELS.indexOf(level);
  const sought = find?.toLowerCase();
  return lines.filter((line) => {
    const rank = (LEVELS as readonly string[]).indexOf(line.level);
    if (rank >= 0 && rank < least) return false;
    return sought === undefined || `${line.plain} ${JSON.stringify(line.fields)}`.toLowerCase().includes(sought);
  });
}

/** As it was said: with its colours and whatever else it holds. */
export function written(lines: readonly Said[]): string {
  return lines.map(({ at, level, message, fields }) => `${at} ${level.padEnd(8)} ${message}${Object.keys(fields).length ? ` ${JSON.stringify(fields)}` : ""}\n`).join("");
}
