import { useLanguage, useText } from "../i18n/text";
import { useNow, useZone } from "../time/clock";
import { inWords, roughly } from "../time/length";

function format(language: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const place = language === "en" ? "en-GB" : language;
  return new Intl.DateTimeFormat(place, { timeZone: zone, ...options });
}

const CLOCK: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
const DAY: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
const WHOLE: Intl.DateTimeFormatOptions = { ...CLOCK, weekday: "short", day: "numeric", month: "short", year: "numeric", timeZoneName: "longOffset" };

/** When: the clock's time, and how long ago; the tooltip has it whole, with its zone. */
export function Time({ at, only }: { at: string | number; only?: "clock" | "ago" }) {
  const text = useText().common;
  const { language } = useLanguage();
  const { zone } = useZone();
  const now = useNow();
  const moment = new Date(at);
  const today = format(language, zone, DAY).format(now) === format(language, zone, DAY).format(moment);
  const clock = format(language, zone, today ? CLOCK : { ...DAY, hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
  const passed = now - moment.getTime();
  const length = roughly(Math.abs(passed), text.units);
  const ago = Math.abs(passed) < 1_000 ? text.now : passed > 0 ? text.ago(length) : text.ahead(length);
  return (
    <time dateTime={moment.toISOString()} title={format(language, zone, WHOLE).format(moment)}>
      {only === "ago" ? ago : only === "clock" ? clock : `${clock}, ${ago}`}
    </time>
  );
}

/** How long: seconds, as the API tells lengths. */
export function Length({ seconds }: { seconds: number | null | undefined }) {
  const { units } = useText().common;
  return seconds === null || seconds === undefined ? null : <>{inWords(seconds * 1_000, units)}</>;
}
