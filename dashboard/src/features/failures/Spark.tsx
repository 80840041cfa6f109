import { Bars, stretched } from "../../design/Bars";
import { useLanguage, useText } from "../../i18n/text";
import type { Failure } from "../../server/failures";
import { now, useZone } from "../../time/clock";
import { CLOCK, timeFormat } from "../../time/format";
import styles from "./Spark.module.css";

const HOUR = 3_600_000;
const HOURS = 48;

/** How often it happened, hour by hour, in the last two days. */
export function Spark({ failure, tall = false }: { failure: Failure; tall?: boolean }) {
  const text = useText("failures").failures;
  const { language } = useLanguage();
  const { zone } = useZone();
  const clock = timeFormat(language, zone, { weekday: "short", ...CLOCK });
  const hours = stretched(failure.hours, { last: now(), step: HOUR, most: HOURS });
  const whole = hours.reduce((sum, each) => sum + each.count, 0);
  const most = Math.max(...hours.map((each) => each.count));
  const said = text.spark(whole, most);
  const bars = <Bars tall={tall} name={said} bars={hours.map((each) => ({ ...each, said: text.hour(each.count, clock.format(each.at)) }))} />;
  if (!tall) return bars;
  return (
    <figure>
      {bars}
      <figcaption className={styles.axis} aria-hidden>
        <span>{clock.format(hours[0]?.at)}</span>
        <span>{said}</span>
        <span>{clock.format(now())}</span>
      </figcaption>
    </figure>
  );
}
