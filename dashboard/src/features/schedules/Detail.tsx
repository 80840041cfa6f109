import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Facts } from "../../design/Facts";
import { Json } from "../../design/Json";
import { Mark } from "../../design/Mark";
import { Land, Skeleton } from "../../design/Notice";
import { Beside, Head, Section } from "../../design/Page";
import { Table } from "../../design/Table";
import { Length, Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useLanguage, useText, type Text } from "../../i18n/text";
import { isGone } from "../../server/http";
import type { Asks } from "../../server/queries";
import { nextQuery, scheduleJobsQuery, scheduleQuery, scheduleWhyQuery, sourceOf, type Act, type Schedule } from "../../server/schedules";
import { person } from "../../server/names";
import { useMay } from "../../server/session";
import { Failed, Unshown } from "../../shell/Broken";
import { Causes } from "../../shell/Causes";
import { useNow, useZone } from "../../time/clock";
import { followsElapsed } from "../../time/zones";
import { useRefusal } from "./Acts";
import { Confirm } from "./Confirm";
import styles from "./Detail.module.css";
import { Resume } from "./Resume";
import { Runs } from "./Runs";
import { capital, comes, momentary } from "./words";

export const asks: Asks = ({ params: { name = "" } }) => [scheduleQuery(name), nextQuery(name)];

/** One schedule: when it comes, what it has made, and what stands in its way. */
export function Detail() {
  const text = useText("jobs", "schedules");
  const { language } = useLanguage();
  const { name } = useParams({ from: "/inside/schedules/$name" });
  const { data: schedule, error, refetch } = useQuery(scheduleQuery(name));
  const { zone } = useZone();
  const now = useNow();
  if (error && (!schedule || isGone(error))) return <Unshown title={name} error={error} again={() => void refetch()} />;
  if (!schedule) return <Skeleton name={text.common.loading} />;
  return (
    <>
      <Head
        title={headline(schedule, text, schedule.next_at ? momentary(Date.parse(schedule.next_at), zone, language, now) : "")}
        before={
          <p className={styles.path}>
            <Link to="/schedules">{text.schedules.title}</Link> / <code>{schedule.name}</code>
          </p>
        }
        lede={
          <p>
            {capital(comes(schedule, text, language))}
            {schedule.pattern ? `, ${schedule.tz.replaceAll("_", " ")}` : ""}.
          </p>
        }
        acts={<Verbs schedule={schedule} />}
      />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      <Beside name={text.schedules.title} aside={<About schedule={schedule} />}>
        <Standing schedule={schedule} />
        <Why schedule={schedule} />
        <History schedule={schedule} />
        <Upcoming schedule={schedule} />
        <Section title={text.schedules.arguments}>
          {schedule.arguments === "***" ? (
            <p>{text.schedules.masked}</p>
          ) : Object.keys(schedule.arguments).length === 0 ? (
            <p className={styles.quiet}>{text.schedules.takesNothing}</p>
          ) : (
            <Json value={schedule.arguments} name={text.schedules.arguments} />
          )}
        </Section>
      </Beside>
    </>
  );
}

function headline(schedule: Schedule, text: Text<"jobs" | "schedules">, when: string): string {
  const words = text.schedules.is;
  if (schedule.paused) return words.paused(schedule.name);
  if (!schedule.pattern && !schedule.every) return words.hand(schedule.name);
  return schedule.next_at === null ? words.over(schedule.name) : words.next(schedule.name, when);
}

function Verbs({ schedule }: { schedule: Schedule }) {
  const text = useText("jobs", "schedules");
  const navigate = useNavigate();
  const refusal = useRefusal([schedule]);
  const mayChange = useMay("schedules.change");
  const [act, ask] = useState<Act>();
  const forbidden = mayChange ? undefined : text.common.failed.forbidden("operator");
  const shown: readonly Act[] = ["run", schedule.paused ? "resume" : "pause"];
  return (
    <>
      {shown.map((each) => (
        <Button key={each} kind={(each === "resume") === schedule.paused && each !== "pause" ? "main" : "plain"} refused={refusal(each)} onClick={() => ask(each)}>
          {text.schedules.verb[each]}
        </Button>
      ))}
      <Button refused={forbidden} onClick={() => void navigate({ to: "/schedules/$name/edit", params: { name: schedule.name } })}>
        {text.schedules.edit}
      </Button>
      <Button refused={forbidden} onClick={() => void navigate({ to: "/schedules/new", search: { from: schedule.name } })}>
        {text.schedules.copy}
      </Button>
      <Button kind="grave" refused={refusal("delete")} onClick={() => ask("delete")}>
        {text.schedules.verb.delete}
      </Button>
      {act === "resume" ? (
        <Resume schedule={schedule} onClose={() => ask(undefined)} />
      ) : act ? (
        <Confirm
          act={act}
          schedules={[schedule]}
          onClose={() => ask(undefined)}
          done={() => {
            if (act === "delete") void navigate({ to: "/schedules" });
          }}
        />
      ) : null}
    </>
  );
}

/** What needs a person: a pause, or a run that was left out. */
function Standing({ schedule }: { schedule: Schedule }) {
  const text = useText("schedules").schedules;
  const { language } = useLanguage();
  const { zone } = useZone();
  const now = useNow();
  const skipped = schedule.skipped_at !== null && schedule.skipped_at === schedule.last_at;
  if (!schedule.paused && !skipped) return null;
  return (
    <Land title={schedule.paused ? text.pausedBy(person(schedule.paused_by), "") : text.skipped} aside={schedule.paused_at ? <Time at={schedule.paused_at} /> : undefined}>
      {schedule.paused && schedule.note ? <p>{visible(schedule.note)}</p> : null}
      {skipped ? <p>{text.skippedLast(momentary(Date.parse(schedule.skipped_at!), zone, language, now), schedule.skipped_for)}</p> : null}
    </Land>
  );
}

function Why({ schedule }: { schedule: Schedule }) {
  const text = useText("schedules").schedules;
  const { data } = useQuery(scheduleWhyQuery(schedule.name));
  if (!data) return null;
  return (
    <Section title={text.why}>
      {data.causes.length ? <Causes causes={data.causes} /> : <p>{text.whyNothing}</p>}
    </Section>
  );
}

function Upcoming({ schedule }: { schedule: Schedule }) {
  const text = useText("jobs", "schedules");
  const words = text.schedules;
  const { data, error, refetch } = useQuery(nextQuery(schedule.name));
  const now = useNow();
  // Of one that comes often, some have come since they were asked for.
  const ticks = (data?.ticks ?? []).filter((each) => Date.parse(each.at) >= now);
  return (
    <Section title={words.upcoming} aside={ticks.length ? words.upcomingOf(ticks.length, schedule.tz.replaceAll("_", " ")) : undefined}>
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data?.warning ? <p>⚠ {data.warning}</p> : null}
      {!data && !error ? <Skeleton name={text.common.loading} rows={6} /> : null}
      {data && ticks.length === 0 ? <p className={styles.quiet}>{words.noUpcoming}</p> : null}
      {ticks.length ? (
        <div className={styles.runs} role="region" aria-label={words.upcoming} tabIndex={0}>
          <Runs title={words.upcoming} ticks={ticks} zone={schedule.tz} elapsed={followsElapsed(schedule.pattern)} />
        </div>
      ) : null}
    </Section>
  );
}

function History({ schedule }: { schedule: Schedule }) {
  const text = useText("jobs", "schedules");
  const words = text.schedules;
  const source = sourceOf(schedule);
  const { data, error, refetch } = useQuery({ ...scheduleJobsQuery(source), enabled: useMay("jobs.read") });
  const jobs = data?.jobs ?? [];
  return (
    <Section
      title={words.history}
      aside={
        <Link to="/jobs" search={{ source }}>
          {words.historyLink}
        </Link>
      }
    >
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data && jobs.length === 0 ? <p className={styles.quiet}>{words.noHistory}</p> : null}
      {jobs.length ? (
        <>
          <p className={styles.strip} aria-hidden>
            {jobs.toReversed().map((job) => (
              <Mark key={job.id} state={job.state} />
            ))}
          </p>
          <Table
            title={words.history}
            rows={jobs.slice(0, 5)}
            keyOf={(job) => job.id}
            columns={[
              {
                name: "id",
                head: text.jobs.id,
                kind: "name",
                cell: (job) => (
                  <Link to="/jobs/$id" params={{ id: job.id }}>
                    <Mark state={job.state} name={text.common.states[job.state]} /> <code>{job.id}</code>
                  </Link>
                ),
              },
              { name: "ran", head: text.jobs.ran, kind: "number", cell: (job) => <Length seconds={job.duration} /> },
              { name: "due", head: text.jobs.enqueued, kind: "number", cell: (job) => <Time at={job.created_at} /> },
            ]}
          />
        </>
      ) : null}
    </Section>
  );
}

function About({ schedule }: { schedule: Schedule }) {
  const text = useText("jobs", "schedules");
  const words = text.schedules;
  return (
    <Facts
      facts={[
        [
          words.task,
          <Link key="t" to="/jobs" search={{ task: [schedule.task] }}>
            {schedule.task}
          </Link>,
        ],
        [words.queue, schedule.queue],
        [words.pattern, schedule.pattern],
        [words.zone, schedule.pattern ? schedule.tz.replaceAll("_", " ") : ""],
        [words.nextRun, schedule.next_at && <Time key="n" at={schedule.next_at} />],
        [words.lastRun, schedule.last_at ? <Time key="l" at={schedule.last_at} /> : words.never],
        [words.facts.timeout, schedule.timeout !== null && <Length key="o" seconds={schedule.timeout} />],
        [words.facts.attempts, String(schedule.attempts)],
        [words.overlap, words.overlaps[schedule.overlap]],
        [words.catchup, words.caughtUp(schedule.catchup)],
        [words.facts.jitter, schedule.jitter > 0 && <Length key="j" seconds={schedule.jitter} />],
        [words.facts.business, schedule.business_days && text.common.yes],
        [words.facts.holidays, schedule.holidays],
        [words.facts.blackouts, schedule.blackouts.map(([first, last]) => `${first.slice(0, 16)}Z – ${last.slice(0, 16)}Z`).join("; ")],
        [words.facts.tenant, schedule.tenant],
        [words.origin, words.origins[schedule.origin]],
        [words.version, String(schedule.version)],
      ]}
    />
  );
}
