import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { ButtonLink } from "../../design/ButtonLink";
import { Choice, Field } from "../../design/Field";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table } from "../../design/Table";
import { Tabs } from "../../design/Tabs";
import { useLanguage, useText } from "../../i18n/text";
import type { Asks } from "../../server/queries";
import { schedulesQuery, type Schedule } from "../../server/schedules";
import { Failed } from "../../shell/Broken";
import { useNow, useZone } from "../../time/clock";
import { Acts } from "./Acts";
import { Calendar } from "./Calendar";
import { columnsOf } from "./columns";
import styles from "./List.module.css";
import { comes, momentary, soonest } from "./words";

const VIEWS = ["list", "calendar", "table"] as const;

export const asks: Asks = () => [schedulesQuery];

/** All schedules: as a list, as a week, or with all their rules. */
export function List() {
  const text = useText("schedules");
  const { language } = useLanguage();
  const search = useSearch({ from: "/inside/schedules" });
  const { data, error, refetch } = useQuery(schedulesQuery);
  const view = VIEWS.find((each) => each === search.view) ?? "list";
  const all = data?.schedules ?? [];
  const shown = all.filter(
    (each) =>
      (search.show === undefined || (search.show === "paused") === each.paused) &&
      `${each.name} ${each.task} ${each.queue} ${comes(each, text, language)}`.toLowerCase().includes((search.q ?? "").toLowerCase()),
  );
  return (
    <>
      <Headline schedules={data?.schedules} />
      <Tabs
        name={text.schedules.views}
        tabs={VIEWS.map((each) => ({
          name: text.schedules.view[each],
          key: each,
          to: "/schedules",
          search: { ...search, view: each },
          current: each === view,
        }))}
      />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton name={text.common.loading} /> : null}
      {data && all.length === 0 ? <Nothing more={<code>{text.schedules.example}</code>}>{text.schedules.noneYet}</Nothing> : null}
      {all.length ? <Narrow /> : null}
      {all.length && shown.length === 0 ? <Nothing more={<Link to="/schedules">{text.schedules.showAll}</Link>}>{text.schedules.noneMatch}</Nothing> : null}
      {shown.length === 0 ? null : view === "calendar" ? <Calendar schedules={shown} /> : <Rows schedules={shown} whole={view === "table"} />}
    </>
  );
}

function Headline({ schedules }: { schedules: readonly Schedule[] | undefined }) {
  const text = useText("schedules");
  const { language } = useLanguage();
  const { zone } = useZone();
  const now = useNow();
  const next = soonest(schedules ?? []);
  const said = next ? text.schedules.next(next.name, momentary(Date.parse(next.next_at!), zone, language, now)) : "";
  const awake = schedules?.filter((each) => !each.paused).length ?? 0;
  return (
    <Head
      title={schedules ? text.schedules.headline(schedules.length, awake, said) : text.schedules.title}
      acts={<ButtonLink to="/schedules/new">{text.schedules.new}</ButtonLink>}
    />
  );
}

function Narrow() {
  const text = useText("schedules").schedules;
  const search = useSearch({ from: "/inside/schedules" });
  const navigate = useNavigate({ from: "/schedules" });
  const change = (part: typeof search) => void navigate({ search: { ...search, ...part }, replace: true });
  return (
    <search className={styles.narrow}>
      <Field
        label={text.find}
        type="search"
        value={search.q ?? ""}
        autoComplete="off"
        onChange={(event) => change({ q: event.target.value || undefined } as typeof search)}
      />
      <Choice
        label={text.show}
        value={search.show ?? ""}
        options={Object.entries(text.shows)}
        onChange={(event) => change({ show: event.target.value || undefined } as typeof search)}
      />
    </search>
  );
}

function Rows({ schedules, whole }: { schedules: readonly Schedule[]; whole: boolean }) {
  const text = useText("schedules");
  const { language } = useLanguage();
  const [names, choose] = useState<ReadonlySet<string>>(new Set());
  const [last, setLast] = useState<string>();
  const chosen = schedules.filter((each) => names.has(each.name));
  const toggle = (schedule: Schedule, upTo: boolean) => {
    const order = schedules.map((each) => each.name);
    const ends = [order.indexOf(schedule.name), upTo && last ? order.indexOf(last) : order.indexOf(schedule.name)];
    const next = new Set(names);
    for (const name of order.slice(Math.max(0, Math.min(...ends)), Math.max(...ends) + 1)) {
      if (names.has(schedule.name)) next.delete(name);
      else next.add(name);
    }
    setLast(schedule.name);
    choose(next);
  };
  return (
    <>
      <Acts chosen={chosen} done={() => choose(new Set())} />
      <Table
        title={text.schedules.title}
        rows={schedules}
        keyOf={(each) => each.name}
        columns={columnsOf(text, language, whole)}
        chosen={{
          has: (each) => names.has(each.name),
          toggle,
          toggleAll: () => choose(new Set(chosen.length === schedules.length ? [] : schedules.map((each) => each.name))),
          all: chosen.length === schedules.length,
          nameOf: (each) => text.schedules.choose(each.name),
          allName: text.schedules.chooseAll,
        }}
      />
    </>
  );
}
