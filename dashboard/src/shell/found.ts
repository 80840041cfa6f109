/** What of many entries somebody means by a few letters. */

export interface Entry {
  name: string;
  kind: string;
  act: () => void;
  key?: string;
  refused?: string | undefined;
}

export const MOST = 40;

/** Entries that hold all the words that were written: those that begin so first. */
export function found(entries: readonly Entry[], written: string): Entry[] {
  const words = written.toLowerCase().split(/\s+/).filter(Boolean);
  const ranked = entries.flatMap((entry, at) => {
    const name = entry.name.toLowerCase();
    const whole = `${name} ${entry.kind.toLowerCase()}`;
    if (!words.every((word) => whole.includes(word))) return [];
    const first = words[0] ?? "";
    const rank = name === first ? 0 : name.startsWith(first) ? 1 : name.includes(first) ? 2 : 3;
    return [{ entry, rank, at }];
  });
  ranked.sort((one, other) => one.rank - other.rank || one.at - other.at);
  return ranked.slice(0, MOST).map(({ entry }) => entry);
}

/** The id of a job in what somebody has pasted. */
export function idIn(written: string): string | undefined {
  return /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i.exec(written)?.[0].toLowerCase();
}
