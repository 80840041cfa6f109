import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Bars, stretched } from "../../design/Bars";
import { Nothing, Skeleton } from "../../design/Notice";
import { Section } from "../../design/Page";
import { Table } from "../../design/Table";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useLanguage, useText } from "../../i18n/text";
import { figuresQuery } from "../../server/events";
import { SPANS, type EventsSearch } from "../../server/seen";
import { Failed } from "../../shell/Broken";
import { now, useZone } from "../../time/clock";
import { CLOCK, timeFormat } from "../../time/format";
import styles from "./List.module.css";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What is drawn of each stretch of time: bars of so long, so many of them. */
const DRAWN = {
  "-1h": { step: MINUTE, most: 60, by: "minute" },
  "-24h": { step: HOUR, most: 24, by: "hour" },
  "-7d": { step: HOUR, most: 168, by: "hour" },
} as const;

/** How many events there were, by time, by name and by source. */
export function Statistics({ search }: { search: EventsSearch }) {
  const text = useText("events");
  const words = text.events;
  const { since = "-24h" } = search;
  const { data, error, refetch } = useQuery(figuresQuery(search));
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} />;
  return (
    <>
      <p className={styles.spans}>
        {words.span}:
        {SPANS.map((each) =>
          each === since ? (
            <b key={each} aria-current="true">
              {words.spanNames[each]}
            </b>
          ) : (
            <Link key={each} to="/events" search={{ ...search, since: each }}>
              {words.spanNames[each]}
            </Link>
          ),
        )}
      </p>
      {data.whole ? null : (
        <p>
          {words.notWhole} <Time at={data.since} />.
        </p>
      )}
      {data.count === 0 ? (
        <Nothing>{words.noneMatch}</Nothing>
      ) : (
        <>
          <Chart search={search} minutes={data.minutes} />
          <div className={styles.tops}>
            <Top title={words.topNames} rows={data.names} of={data.count} to={(name) => ({ pattern: name })} />
            {data.sources.length ? (
              <Top title={words.topSources} rows={data.sources} of={data.count} to={(source) => ({ source })} />
            ) : (
              <Section title={words.topSources}>
                <p>{words.noSources}</p>
              </Section>
            )}
          </div>
        </>
      )}
    </>
  );
}

function Chart({ search, minutes }: { search: EventsSearch; minutes: { at: string; count: number }[] }) {
  const words = useText("events").events;
  const { language } = useLanguage();
  const { zone } = useZone();
  const { since = "-24h" } = search;
  const { step, most, by } = DRAWN[since];
  const clock = timeFormat(language, zone, { ...(since === "-7d" ? { weekday: "short" } : {}), ...CLOCK });
  const bars = stretched(minutes, { last: now(), step, most });
  const peak = Math.max(...bars.map((bar) => bar.count));
  const said = by === "minute" ? words.perMinute : words.perHour;
  return (
    <Section title={words.chart[by]} aside={said(peak, words.spans[since])}>
      <Bars tall name={said(peak, words.spans[since])} bars={bars.map((bar) => ({ ...bar, said: words.bar(bar.count, clock.format(bar.at)) }))} />
      <p className={styles.axis} aria-hidden>
        <span>{clock.format(bars[0]?.at)}</span>
        <span>{clock.format(bars[Math.floor(bars.length / 2)]?.at)}</span>
        <span>{clock.format(now())}</span>
      </p>
    </Section>
  );
}

function Top({
  title,
  rows,
  of,
  to,
}: {
  title: string;
  rows: { name: string; count: number }[];
  of: number;
  to: (name: string) => EventsSearch;
}) {
  const text = useText("events");
  return (
    <Section title={title}>
      <Table
        title={title}
        rows={rows}
        keyOf={(row) => row.name}
        columns={[
          {
            name: "name",
            head: text.events.name,
            kind: "name",
            cell: (row) => (
              <Link to="/events" search={to(row.name)}>
                {visible(row.name)}
              </Link>
            ),
          },
          { name: "count", head: text.events.counted, kind: "number", cell: (row) => text.common.count(row.count) },
          { name: "share", head: text.events.share, kind: "number", cell: (row) => `${Math.round((100 * row.count) / of)} %` },
        ]}
      />
    </Section>
  );
}
