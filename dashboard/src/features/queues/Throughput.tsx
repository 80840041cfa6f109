import { Button } from "../../design/Button";
import { Section } from "../../design/Page";
import { Table } from "../../design/Table";
import { useLanguage, useText } from "../../i18n/text";
import { ended, failing, type Figures } from "../../server/figures";
import { useNow, useZone } from "../../time/clock";
import { CLOCK, timeFormat } from "../../time/format";
import styles from "./Queues.module.css";

const HOUR = 3_600_000;
const HIGH = 100;

interface Props {
  day: Figures;
  asTable: boolean;
  onSwitch: () => void;
}

/** What ended in a queue, hour by hour; what ended badly is the foot of each bar. */
export function Throughput({ day, asTable, onSwitch }: Props) {
  const all = useText("queues");
  const text = all.queues;
  const { language } = useLanguage();
  const { zone } = useZone();
  const now = Math.floor(useNow() / HOUR) * HOUR;
  const hours = Array.from({ length: 24 }, (_, at) => now - (23 - at) * HOUR).map((at) => {
    const found = day.series.find((stretch) => Date.parse(stretch.at) === at);
    return { at, count: ended(found?.endings ?? {}), bad: failing(found?.endings) };
  });
  const clock = (at: number) => timeFormat(language, zone, CLOCK).format(at);
  const most = Math.max(...hours.map((hour) => hour.count), 1);
  const total = hours.reduce((sum, hour) => sum + hour.count, 0);
  const said = text.throughputSaid(total, hours.reduce((sum, hour) => sum + hour.bad, 0));
  return (
    <Section
      title={text.throughput}
      aside={
        <Button kind="bare" onClick={onSwitch}>
          {asTable ? text.chart : text.table}
        </Button>
      }
    >
      {asTable ? (
        <Table
          title={said}
          rows={hours}
          keyOf={(hour) => String(hour.at)}
          columns={[
            { name: "hour", head: text.hour, kind: "name", cell: (hour) => clock(hour.at) },
            { name: "ended", head: text.ended, kind: "number", cell: (hour) => all.common.count(hour.count) },
            { name: "bad", head: text.badly, kind: "number", cell: (hour) => all.common.count(hour.bad) },
          ]}
        />
      ) : total === 0 ? (
        <p className={styles.plain}>{text.nothingEnded}</p>
      ) : (
        <figure>
          <svg className={styles.bars} viewBox={`0 0 240 ${HIGH}`} preserveAspectRatio="none" role="img" aria-label={said}>
            {hours.map((hour, at) => {
              const tall = (count: number) => (count / most) * (HIGH - 4);
              return (
                <g key={hour.at}>
                  <title>{`${clock(hour.at)}: ${all.common.count(hour.count)}, ${text.badly.toLowerCase()} ${all.common.count(hour.bad)}`}</title>
                  <rect className={styles.bar} x={at * 10 + 1} width={8} y={HIGH - 1 - tall(hour.count)} height={tall(hour.count)} />
                  <rect className={`${styles.bar} ${styles.top}`} x={at * 10 + 1} width={8} y={HIGH - 1 - tall(hour.count)} height={hour.count ? 2 : 0} />
                  <rect className={styles.bad} x={at * 10 + 1} width={8} y={HIGH - 1 - tall(hour.bad)} height={tall(hour.bad)} />
                </g>
              );
            })}
            <path className={styles.ground} d={`M0 ${HIGH - 0.5}H240`} />
          </svg>
          <figcaption className={styles.axis}>
            <span>{clock(hours[0]?.at ?? now)}</span>
            <span>{said}</span>
            <span>{clock(now)}</span>
          </figcaption>
        </figure>
      )}
    </Section>
  );
}
