import { Link, type LinkProps } from "@tanstack/react-router";

import { Skeleton } from "../../design/Notice";
import { Section } from "../../design/Page";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import type { Upcoming } from "../../server/figures";
import { Failed } from "../../shell/Broken";
import { inWords } from "../../time/length";
import styles from "./Overview.module.css";

const SHOWN = 12;

/** Which schedules come next. */
export function Next({ upcoming, error, again }: { upcoming: Upcoming | undefined; error: unknown; again: () => void }) {
  const text = useText("overview");
  const words = text.overview.next;
  return (
    <Section title={words.title} aside={words.within}>
      {error ? <Failed error={error} again={again} /> : null}
      {!upcoming && !error ? <Skeleton name={text.common.loading} rows={4} /> : null}
      {upcoming?.ticks.length === 0 ? <p className={styles.calm}>{words.nothing}</p> : null}
      <ul className={styles.next}>
        {upcoming?.ticks.slice(0, SHOWN).map((tick) => (
          <li key={`${tick.at} ${tick.schedule}`}>
            <Time at={tick.at} only="clock" />
            <Link {...({ to: "/schedules/$name", params: { name: tick.schedule } } as LinkProps)}>{tick.schedule}</Link>
            <small>{tick.run === null ? "" : words.about(inWords(tick.run * 1_000, text.common.units))}</small>
          </li>
        ))}
      </ul>
    </Section>
  );
}
