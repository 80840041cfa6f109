/** Moments as they are written in a language and a zone. */

const formats = new Map<string, Intl.DateTimeFormat>();

/** How moments are written; made once, for that is slow. English days come before months. */
export function timeFormat(language: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const place = language === "en" ? "en-GB" : language;
  const key = JSON.stringify([place, zone, options]);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(place, { timeZone: zone, ...options })));
  return found;
}

/** A time of day, to the minute. */
export const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
