/** Patterns that are often used, by what they are called; an empty one is none. */
export const PRESETS = [
  ["minute", "* * * * *"],
  ["five", "*/5 * * * *"],
  ["fifteen", "*/15 * * * *"],
  ["thirty", "*/30 * * * *"],
  ["hour", "0 * * * *"],
  ["six", "0 */6 * * *"],
  ["midnight", "0 0 * * *"],
  ["noon", "0 12 * * *"],
  ["monday", "0 9 * * 1"],
  ["hand", ""],
] as const;
