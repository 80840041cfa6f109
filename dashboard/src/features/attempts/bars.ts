/** How an attempt is drawn: the outline tells how it ended, and the colour says it once more. */

export type Fared = "running" | "completed" | "failed" | "cancelled";

const LET_GO: readonly string[] = ["snoozed", "interrupted", "cancelled"];

/** In the order in which they are explained. */
export const FARED: readonly Fared[] = ["running", "completed", "failed", "cancelled"];

export function faredOf(ending: string | null): Fared {
  if (ending === null) return "running";
  if (ending === "completed") return "completed";
  return LET_GO.includes(ending) ? "cancelled" : "failed";
}

export const ROW = 12;

/** The outline of a bar in its row, which can be told from the others however short it is. */
export function outlineOf(fared: Fared, from: number, length: number, row: number): string {
  const top = row * ROW;
  const to = from + length;
  if (fared === "failed") return `M${from} ${top}V${top + ROW}L${to} ${top}V${top + ROW}Z`;
  const [begin, tall] = fared === "cancelled" ? [top + 5, 2] : [top + 2, ROW - 4];
  const whole = `M${from} ${begin}h${length}v${tall}h${-length}Z`;
  // What runs is hollow: its end is not there yet.
  return fared === "running" ? `${whole}M${from} ${begin + 2}v${tall - 4}h${length}v${4 - tall}Z` : whole;
}
