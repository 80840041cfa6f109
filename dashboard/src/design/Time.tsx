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
  const moment = new Date(at);
  const today = timeFormat(language, zone, DAY).format(now) === timeFormat(language, zone, DAY).format(moment);
  const clock = timeFormat(language, zone, today ? SECOND : { ...DAY, ...CLOCK }).format(moment);
  const passed = now - moment.getTime();
  const length = roughly(Math.abs(passed), text.units);
  const ago = Math.abs(passed) < 1_000 ? text.now : passed > 0 ? text.ago(length) : text.ahead(length);
  return (
    <time dateTime={moment.toISOString()} title={timeFormat(language, zone, WHOLE).format(moment)}>
      {only === "ago" ? ago : only === "clock" ? clock : `${clock}, ${ago}`}
    </time>
  );
}

/** How long: seconds, as the API tells lengths. */
export function Length({ seconds }: { seconds: number | null | undefined }) {
  const { units } = useText().common;
  return seconds === null || seconds === undefined ? null : <>{inWords(seconds * 1_000, units)}</>;
}
