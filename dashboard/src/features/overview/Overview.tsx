import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { ButtonLink } from "../../design/ButtonLink";
import { Afterwards } from "../../design/Afterwards";
import { Skeleton } from "../../design/Notice";
import { Beside, Head, Section } from "../../design/Page";
import { Table } from "../../design/Table";
import { useLanguage, useText } from "../../i18n/text";
import { dayQuery, deadQuery, incidentsQuery, latelyQuery, paceQuery, upcomingQuery } from "../../server/figures";
import type { Asks } from "../../server/queries";
import { queuesQuery, workersQuery } from "../../server/queues";
import { useSession, type Permission } from "../../server/session";
import { Failed } from "../../shell/Broken";
import { useQueueColumns } from "../../shell/Queues";
import { useNow, useZone } from "../../time/clock";
import { inWords } from "../../time/length";
import { clockOf } from "./clock";
import { Hands } from "./Hands";
import { hands } from "./needs";
import { Next } from "./Next";
import styles from "./Overview.module.css";
import { Strip } from "./Strip";
import { Tide } from "./Tide";
import { HOUR, tide, type Tide as Line } from "./waters";
import { useGrowth } from "./useGrowth";
import { verdict, type Verdict } from "./verdict";

const LEAST = 0.01;

const asked = (may: (permission: Permission) => boolean) => ({
  queues: queuesQuery,
  workers: { ...workersQuery, enabled: may("workers.read") },
  lately: { ...latelyQuery(15), enabled: may("statistics.read") },
  pace: { ...paceQuery(), enabled: may("statistics.read") },
  day: { ...dayQuery(), enabled: may("statistics.read") },
  upcoming: { ...upcomingQuery, enabled: may("schedules.read") },
  incidents: { ...incidentsQuery, enabled: may("alerts.read") },
  dead: deadQuery,
});

export const asks: Asks = ({ may }) => Object.values(asked(may));

/** How everything fares, in one look. */
export function Overview() {
  const text = useText("overview");
  const now = useNow();
  const { table } = useSearch({ from: "/inside/" });
  const navigate = useNavigate({ from: "/" });
  const known = useKnown();
  const { queues, workers, lately, pace, day, upcoming } = known;
  const growth = useGrowth(queues.data?.queues, queues.dataUpdatedAt);
  const all = queues.data?.queues;
  const found = all ? verdict({ queues: all, workers: workers.data?.workers, pace: pace.data, growth, now }) : undefined;
  // A tide that moves with every second would move under the eye: it keeps to the minute.
  const minute = Math.floor(now / 60_000) * 60_000;
  // What is known at once would be moved by what is known a moment later.
  const comes = [queues, day, pace, workers, known.dead].some((each) => each.isLoading);
  const line = day.data ? tide(day.data, upcoming.data, workers.data?.workers, minute) : undefined;
  if (comes) {
    return (
      <>
        <Head title={text.overview.title} />
        <Skeleton name={text.common.loading} rows={12} />
      </>
    );
  }
  return (
    <>
      <Told verdict={found} line={line} now={now} />
      {found?.kind === "nothing" ? null : day.error ? (
        <Failed error={day.error} again={() => void day.refetch()} />
      ) : line ? (
        <Tide line={line} now={minute} asTable={table === true} onSwitch={() => void navigate({ search: table ? {} : { table: true } })} />
      ) : null}
      <Afterwards>
        {found?.kind === "nothing" ? null : <Strip queues={all ?? []} day={day.data} dead={known.dead.data} />}
        <Beside
          name={text.overview.hands.title}
          aside={
            <div className={styles.side}>
              {all ? (
                <Hands
                  hands={hands({
                    queues: all,
                    workers: workers.data?.workers,
                    lately: lately.data,
                    incidents: known.incidents.data?.incidents,
                    dead: known.dead.data,
                    now,
                  })}
                />
              ) : null}
              <Next upcoming={upcoming.data} error={upcoming.error} again={() => void upcoming.refetch()} />
            </div>
          }
        >
          <Queues known={known} />
        </Beside>
      </Afterwards>
    </>
  );
}

/** All that the page asks for; what one may not see is not asked for. */
function useKnown() {
  const { permissions } = useSession();
  const ask = asked((permission) => permissions.includes(permission));
  return {
    queues: useQuery(ask.queues),
    workers: useQuery(ask.workers),
    lately: useQuery(ask.lately),
    pace: useQuery(ask.pace),
    day: useQuery(ask.day),
    upcoming: useQuery(ask.upcoming),
    incidents: useQuery(ask.incidents),
    dead: useQuery(ask.dead),
  };
}

/** The verdict, and what it rests on. */
function Told({ verdict: found, line, now }: { verdict: Verdict | undefined; line: Line | undefined; now: number }) {
  const words = useText("overview");
  const text = words.overview.verdict;
  const { language } = useLanguage();
  const { zone } = useZone();
  const length = (millis: number) => inWords(millis, words.common.units);
  if (!found) return <Head title={words.overview.title} />;
  const code = (said: string) => <code className={styles.code}>{said}</code>;
  switch (found.kind) {
    case "nothing":
      return (
        <Head
          title={text.nothing}
          lede={<>{text.nothingWhy} {code(words.overview.firstJob)}</>}
          acts={<ButtonLink to="/jobs/new">{words.overview.newJob}</ButtonLink>}
        />
      );
    case "nobody":
      return <Head title={text.nobody} lede={<>{text.nobodyWhy(found.waiting)} {code(words.overview.start("jobs:app"))}</>} />;
    case "behind":
      return (
        <Head
          title={found.into === undefined || found.others ? text.behind(found.queue, found.others) : text.behindBy(found.queue, found.into, found.out)}
          lede={text.behindWhy(found.waiting, length(found.oldest), found.out)}
        />
      );
    case "unheard":
      return <Head title={text.unheard(found.queue, found.others)} lede={text.unheardWhy(found.waiting)} />;
    case "paused":
      return <Head title={text.paused} lede={text.pausedWhy(found.waiting)} />;
    case "quiet":
      return <Head title={text.quiet} lede={text.quietWhy} />;
    case "keeping": {
      const high = line?.high;
      const said = [
        text.keepingWhy(found.rate),
        found.oldest === undefined ? text.noneWaits : text.oldest(length(found.oldest)),
        high && high.at > now - HOUR ? text.high(clockOf(high.at, language, zone), percent(high.share, language)) : "",
      ];
      return <Head title={text.keeping} lede={said.filter(Boolean).join(" ")} />;
    }
  }
}

/** A share as one says it: `78 %`; what is next to nothing is less than one. */
function percent(share: number, language: string): string {
  const format = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  return share < LEAST ? `< ${format.format(LEAST)}` : format.format(share);
}

function Queues({ known }: { known: ReturnType<typeof useKnown> }) {
  const text = useText("overview");
  const { queues, lately, pace, workers } = known;
  const columns = useQueueColumns({ lately: lately.data, pace: pace.data, workers: workers.data?.workers });
  if (queues.error) return <Failed error={queues.error} again={() => void queues.refetch()} />;
  if (queues.data?.queues.length === 0) return null;
  return (
    <Section title={text.overview.queues.title} aside={text.overview.queues.gauge}>
      {queues.data ? (
        <Table title={text.overview.queues.title} rows={queues.data.queues} keyOf={(queue) => queue.queue} columns={columns} />
      ) : (
        <Skeleton name={text.common.loading} rows={5} />
      )}
      <p>
        <Link to="/queues">{text.overview.queues.all}</Link>
      </p>
    </Section>
  );
}
