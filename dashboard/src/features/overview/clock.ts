import { CLOCK, timeFormat } from "../../time/format";

/** A time of day, to the minute. */
export function clockOf(at: number, language: string, zone: string): string {
  return timeFormat(language, zone, CLOCK).format(at);
}
