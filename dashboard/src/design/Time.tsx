import { useMemo } from "react";

import { useLanguage, useText } from "../i18n/text";
import { useNow, useZone } from "../time/clock";
import { CLOCK, timeFormat } from "../time/format";
import { inWords, roughly } from "../time/length";

const SECOND: Intl.DateTimeFormatOptions = { ...CLOCK, second: "2-digit" };
const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
const WHOLE: Intl.DateTimeFormatOptions = { ...SECOND, weekday: "short", day: "numeric", month: "short", year: "numeric", timeZoneName: "longOffset" };

/** When: the clock's time, and how long ago; the tooltip has it whole, with its zone. */
export function Time({ at, only }: { at: string | number; only?: "clock" | "ago" }) {
  const text = useText().common;
  const { language } = useLanguage();
  const { zone } = useZone();
  const now = useNow();
  const moment = useMemo(() => new Date(at), [at]);
  const whole = useMemo(() => timeFormat(language, zone, WHOLE).format(moment), [language, zone, moment]);
  const passed = now - moment.getTime();
  const length = roughly(Math.abs(passed), text.units);
  const ago = Math.abs(passed) < 1_000 ? text.now : passed > 0 ? text.ago(length) : text.ahead(length);
  const clock = () => clockOf(moment, now, language, zone);
  return (
    <time dateTime={moment.toISOString()} title={whole}>
      {only === "ago" ? ago : only === "clock" ? clock() : `${clock()}, ${ago}`}
    </time>
  );
}

/** The time of day, to the second; of another day with its date. */
function clockOf(moment: Date, now: number, language: string, zone: string): string {
  const day = timeFormat(language, zone, DAY);
  const today = day.format(now) === day.format(moment);
  return timeFormat(language, zone, today ? SECOND : { ...DAY, ...CLOCK }).format(moment);
}

/** How long: seconds, as the API tells lengths. */
export function Length({ seconds }: { seconds: number | null | undefined }) {
  const { units } = useText().common;
  return seconds === null || seconds === undefined ? null : <>{inWords(seconds * 1_000, units)}</>;
}
