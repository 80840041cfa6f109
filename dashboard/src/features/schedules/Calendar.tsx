import { useQuery } from "@tanstack/react-query";
import { Link, useSearch } from "@tanstack/react-router";
import { useMemo } from "react";

import { Nothing, Skeleton } from "../../design/Notice";
import { useLanguage, useText } from "../../i18n/text";
import { planQuery, type Schedule } from "../../server/schedules";
import { Failed } from "../../shell/Broken";
import { useNow, useZone } from "../../time/clock";
import { instantOf, wallAt } from "../../time/zones";
import styles from "./Calendar.module.css";
import { borders, weekOf, type Day, type Run, type Week } from "./week";
import { comes, dayIn } from "./words";

const DAY = 86_400_000;
const NAMED = 2;

/** A week of all that is planned, by the hour. */
export function Calendar({ schedules }: { schedules: readonly Schedule[] }) {
  const text = useText("schedules");
  const words = text.schedules.calendar;
  const { language } = useLanguage();
  const { zone } = useZone();
  const now = useNow();
  const search = useSearch({ from: "/inside/schedules" });
  const today = wallAt(zone, now).slice(0, 10);
  const asked = /^\d{4}-\d\d-\d\d$/.test(search.from ?? "") ? search.from : today;
  const within = instantOf(zone, `${asked}T12:00`) ?? now;
  const { since, until } = useMemo(() => borders(zone, within), [zone, within]);
  const { data, error, refetch } = useQuery(planQuery(new Date(since).toISOString(), new Date(until).toISOString()));
  const week = useMemo(() => {
    const names = new Set(schedules.map((each) => each.name));
    return data ? weekOf(zone, since, data.plan.filter((each) => names.has(each.name))) : undefined;
  }, [data, zone, since, schedules]);
  const dayOf = (at: number) => wallAt(zone, at).slice(0, 10);
  const step = (at: number) => ({ ...search, from: dayOf(at) === today ? undefined : dayOf(at) });
  const often = schedules.filter((each) => week?.often.includes(each.name));
  return (
    <section>
      <div className={styles.bar}>
        <strong>{words.of(dayIn(since, zone, language), dayIn(until - DAY / 2, zone, language))}</strong>
        <nav aria-label={words.title}>
          <Link to="/schedules" search={step(since - 6.5 * DAY)}>
            {words.earlier}
          </Link>
          <Link to="/schedules" search={{ ...search, from: undefined }}>
            {words.today}
          </Link>
          <Link to="/schedules" search={step(until + DAY / 2)}>
            {words.later}
          </Link>
        </nav>
      </div>
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {!week && !error ? <Skeleton name={text.common.loading} rows={12} /> : null}
      {week ? (
        <>
          {often.length ? (
            <p className={styles.often}>
              {words.often}{" "}
              {often.map((each, at) => (
                <span key={each.name}>
                  {at ? ", " : ""}
                  <Link to="/schedules/$name" params={{ name: each.name }}>
                    {each.name}
                  </Link>{" "}
                  ({comes(each, text, language)})
                </span>
              ))}
            </p>
          ) : null}
          {week.most === 0 ? <Nothing>{words.nothing}</Nothing> : <Grid week={week} zone={zone} now={now} />}
          <p className={styles.hint}>{words.hint(zone.replaceAll("_", " "))}</p>
        </>
      ) : null}
    </section>
  );
}

function Grid({ week, zone, now }: { week: Week; zone: string; now: number }) {
  const words = useText("schedules").schedules.calendar;
  const { language } = useLanguage();
  const wall = wallAt(zone, now);
  const isToday = (day: Day) => day.date === wall.slice(0, 10);
  return (
    <div className={styles.scroll} role="region" aria-label={words.title} tabIndex={0}>
      <table className={styles.week}>
        <caption className="hidden">{words.title}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="hidden">{words.hour}</span>
            </th>
            {week.days.map((day) => (
              <th key={day.date} scope="col" data-today={isToday(day)}>
                {dayIn(day.at, zone, language)}
                {day.change ? <Change change={day.change} zone={zone} /> : null}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {Array.from({ length: 24 }, (_, hour) => (
            <tr key={hour}>
              <th scope="row">{`${String(hour).padStart(2, "0")}:00`}</th>
              {week.days.map((day) => (
                <Cell
                  key={day.date}
                  runs={day.hours[hour]!}
                  most={week.most}
                  zone={zone}
                  minute={isToday(day) && Number(wall.slice(11, 13)) === hour ? Number(wall.slice(14, 16)) : undefined}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Change({ change, zone }: { change: NonNullable<Day["change"]>; zone: string }) {
  const words = useText("schedules").schedules.calendar;
  // The last second before the change still shows the time at which it is made.
  const time = wallAt(zone, change.at - 1_000).slice(11, 13);
  const hour = `${String((Number(time) + 1) % 24).padStart(2, "0")}:00`;
  return <small>{change.back ? words.back(hour) : words.forward(hour)}</small>;
}

function Cell({ runs, most, zone, minute }: { runs: readonly Run[]; most: number; zone: string; minute: number | undefined }) {
  const text = useText("schedules");
  const words = text.schedules.calendar;
  const names = [...new Set(runs.map((each) => each.name))];
  const depth = runs.length ? 25 + Math.round((75 * runs.length) / most) : 0;
  const told = runs.map((each) => `${wallAt(zone, each.at).slice(11, 16)} ${each.name}`);
  return (
    <td
      title={told.slice(0, 30).join("\n") || undefined}
      style={depth ? { background: `color-mix(in oklab, var(--deep) ${depth}%, transparent)` } : undefined}
    >
      {minute === undefined ? null : (
        <span className={styles.now} style={{ top: `${(minute / 60) * 100}%` }}>
          {words.now}
        </span>
      )}
      {names.length ? (
        <div className={styles.names}>
          {names.slice(0, names.length === NAMED + 1 ? NAMED + 1 : NAMED).map((name) => (
            <Link key={name} to="/schedules/$name" params={{ name }}>
              {name}
            </Link>
          ))}
          {names.length > NAMED + 1 ? <small>{words.more(names.length - NAMED)}</small> : null}
          <span className="hidden">
            {words.runs(runs.length)}: {told.slice(0, 30).join(", ")}
          </span>
        </div>
      ) : null}
    </td>
  );
}
