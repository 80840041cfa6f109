import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Mark } from "../../design/Mark";
import type { Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import type { Text } from "../../i18n/text";
import { person } from "../../server/names";
import type { Schedule } from "../../server/schedules";
import { inWords } from "../../time/length";
import { RowActs } from "./Acts";
import styles from "./List.module.css";
import { capital, comes } from "./words";

/** What a row tells: the main things, or all rules. */
export function columnsOf(text: Text<"schedules">, language: string, whole: boolean): Column<Schedule>[] {
  const words = text.schedules;
  const name: Column<Schedule> = {
    name: "name",
    head: words.name,
    kind: "name",
    cell: (each) => (
      <span className={whole ? styles.whole : styles.name}>
        <Link to="/schedules/$name" params={{ name: each.name }}>
          {each.name}
        </Link>
        {whole || each.task === each.name ? null : <small>{each.task}</small>}
      </span>
    ),
  };
  const next: Column<Schedule> = { name: "next", head: words.nextRun, kind: "number", cell: (each) => <Next schedule={each} text={text} brief={whole} /> };
  const last: Column<Schedule> = { name: "last", head: words.lastRun, kind: "number", cell: (each) => <Last schedule={each} text={text} /> };
  const acts: Column<Schedule> = { name: "acts", head: words.actsHead, kind: "tight", cell: (each) => <RowActs schedule={each} /> };
  if (!whole) {
    const said: Column<Schedule> = {
      name: "comes",
      head: words.comes,
      cell: (each) => (
        <span className={styles.words}>
          <span>
            {capital(comes(each, text, language))}
            {each.pattern ? `, ${each.tz.replaceAll("_", " ")}` : ""}
          </span>
          {each.paused ? <small>{words.pausedBy(person(each.paused_by), visible(each.note))}</small> : null}
        </span>
      ),
    };
    return [name, said, next, last, acts];
  }
  const plain = (key: string, head: string, cell: (each: Schedule) => ReactNode): Column<Schedule> => ({ name: key, head, cell });
  return [
    name,
    plain("pattern", words.pattern, (each) => (
      <code className={styles.whole} title={comes(each, text, language)}>{each.pattern || (each.every ? inWords(each.every * 1_000, text.common.units) : "–")}</code>
    )),
    plain("zone", words.zone, (each) => each.tz.replaceAll("_", " ")),
    plain("task", words.task, (each) => (
      <Link to="/jobs" search={{ task: [each.task] }}>
        {each.task}
      </Link>
    )),
    plain("queue", words.queue, (each) => each.queue),
    plain("overlap", words.overlap, (each) => <code title={`${words.overlapLabel}: ${words.overlaps[each.overlap]}`}>{each.overlap}</code>),
    { name: "catchup", head: words.catchup, kind: "number", cell: (each) => <span title={words.caughtUp(each.catchup)}>{each.catchup}</span> },
    plain("origin", words.origin, (each) => <span className={styles.whole}>{words.origins[each.origin]}</span>),
    next,
    last,
    acts,
  ];
}

function Next({ schedule, text, brief }: { schedule: Schedule; text: Text<"schedules">; brief: boolean }) {
  if (schedule.next_at !== null) return <Time at={schedule.next_at} {...(brief ? { only: "clock" as const } : {})} />;
  const words = text.schedules;
  const said = schedule.paused ? words.paused : schedule.pattern || schedule.every ? words.over : words.byHand;
  return <span className={styles.quiet}>{said}</span>;
}

/** How the last run ended, or why there was none. */
export function Last({ schedule, text }: { schedule: Schedule; text: Text<"schedules"> }) {
  if (schedule.last_at === null) return <span className={styles.quiet}>{text.schedules.never}</span>;
  const when = <Time at={schedule.last_at} only="ago" />;
  if (schedule.last_state === null || schedule.last_job === null) {
    const skipped = schedule.skipped_at !== null && schedule.skipped_at === schedule.last_at;
    return (
      <span className={styles.mark} title={skipped ? schedule.skipped_for : undefined}>
        {skipped ? <span className={styles.quiet}>{text.schedules.skipped}</span> : null} {when}
      </span>
    );
  }
  return (
    <Link to="/jobs/$id" params={{ id: schedule.last_job }} className={styles.mark}>
      <Mark state={schedule.last_state} name={text.common.states[schedule.last_state]} /> {when}
    </Link>
  );
}
