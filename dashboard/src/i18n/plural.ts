const rules: Record<string, Intl.PluralRules> = {};
const numbers: Record<string, Intl.NumberFormat> = {};

/** A number as it is written there: `1,234` or `1.234`. */
export function written(count: number, language: string): string {
  return (numbers[language] ??= new Intl.NumberFormat(language)).format(count);
}

/** So many of something: `plural("en", 2, { one: "job", other: "jobs" })` is `2 jobs`. */
export function plural(language: string, count: number, nouns: { one: string; other: string }): string {
  const form = (rules[language] ??= new Intl.PluralRules(language)).select(count);
  return `${written(count, language)} ${form === "one" ? nouns.one : nouns.other}`;
}
