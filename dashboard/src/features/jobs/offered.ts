/** What may be meant by a word that is being written: a qualifier, or a value of it. */

const MOST = 12;

/** Completions of the last word, the best first. */
export function offered(
  written: string,
  qualifiers: readonly string[],
  values: Readonly<Record<string, readonly string[]>>,
): string[] {
  const word = /\S*$/.exec(written)?.[0] ?? "";
  const colon = word.indexOf(":");
  if (colon < 0) {
    return [...qualifiers, "data."].filter((name) => name.startsWith(word) && name !== word).map((name) => (name === "data." ? name : `${name}:`));
  }
  const name = word.slice(0, colon);
  const begun = word.slice(colon + 1).replace(/^"/, "").toLowerCase();
  const known = values[name] ?? [];
  const fitting = known.filter((value) => value.toLowerCase().includes(begun));
  fitting.sort((one, other) => Number(other.toLowerCase().startsWith(begun)) - Number(one.toLowerCase().startsWith(begun)) || one.localeCompare(other));
  return fitting.slice(0, MOST).map((value) => `${name}:${/[\s",]/.test(value) ? `"${value.replace(/["\\]/g, "\\$&")}"` : value}`);
}
