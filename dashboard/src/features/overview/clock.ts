/** A time of day, to the minute. */
export function clockOf(at: number, language: string, zone: string): string {
  const place = language === "en" ? "en-GB" : language;
  return new Intl.DateTimeFormat(place, { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}
