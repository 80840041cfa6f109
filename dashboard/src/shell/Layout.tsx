import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useRef, useState } from "react";

import { Skeleton } from "../design/Notice";
import { useText, type Text } from "../i18n/text";
import { Hears, useHearing } from "../server/hearing";
import { useSession, type Permission } from "../server/session";
import { useZone } from "../time/clock";
import { Brand } from "./Brand";
import { FilterBar } from "./FilterBar";
import styles from "./Layout.module.css";
import { Me } from "./Me";

type Words = Text["common"]["nav"];
interface Item {
  to: string;
  name: keyof Words;
  needs: Permission;
}

const GROUPS: readonly (readonly [head: keyof Words | "", items: readonly Item[]])[] = [
  [
    "",
    [
      { to: "/", name: "overview", needs: "jobs.read" },
      { to: "/jobs", name: "jobs", needs: "jobs.read" },
      { to: "/queues", name: "queues", needs: "queues.read" },
      { to: "/failures", name: "failures", needs: "jobs.read" },
      { to: "/dead", name: "dead", needs: "jobs.read" },
    ],
  ],
  [
    "plan",
    [
      { to: "/schedules", name: "schedules", needs: "schedules.read" },
      { to: "/attempts", name: "attempts", needs: "jobs.read" },
    ],
  ],
  [
    "observe",
    [
      { to: "/statistics", name: "statistics", needs: "statistics.read" },
      { to: "/events", name: "events", needs: "events.read" },
      { to: "/workers", name: "workers", needs: "workers.read" },
      { to: "/alerts", name: "alerts", needs: "alerts.read" },
    ],
  ],
  [
    "govern",
    [
      { to: "/audit", name: "audit", needs: "audit.read" },
      { to: "/operations", name: "operations", needs: "jobs.read" },
      { to: "/access", name: "access", needs: "users.read" },
      { to: "/settings", name: "settings", needs: "jobs.read" },
    ],
  ],
];

/** What stands around every page. */
export function Layout() {
  return (
    <Hears>
      <Around />
    </Hears>
  );
}

function Around() {
  const text = useText().common;
  const [open, setOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const path = useRouterState({ select: (state) => state.location.pathname });
  useEffect(() => setOpen(false), [path]);
  return (
    <div className={styles.app}>
      <a href="#page" className={styles.skip} onClick={() => main.current?.focus()}>
        {text.skip}
      </a>
      <nav aria-label={text.nav.main} className={styles.nav} data-open={open}>
        <div className={styles.top}>
          <Brand />
          <button
            type="button"
            className={styles.burger}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            {text.nav.menu}
          </button>
        </div>
        <div className={styles.items}>
          {GROUPS.map(([head, items]) => (
            <Group key={head} head={head} items={items} />
          ))}
        </div>
      </nav>
      <div className={styles.rest}>
        <header className={styles.header}>
          <FilterBar />
          <Status />
          <Me />
        </header>
        <main id="page" ref={main} tabIndex={-1} className={styles.main}>
          <Suspense fallback={<Skeleton name={text.loading} />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </div>
  );
}

function Group({ head, items }: { head: keyof Words | ""; items: readonly Item[] }) {
  const words = useText().common.nav;
  const { permissions } = useSession();
  const seen = items.filter((item) => permissions.includes(item.needs));
  if (seen.length === 0) return null;
  return (
    <>
      {head ? <h2>{words[head]}</h2> : null}
      <ul>
        {seen.map((item) => (
          <li key={item.to}>
            <Link to={item.to} activeOptions={{ exact: item.to === "/" }} activeProps={{ "aria-current": "page" }}>
              {words[item.name]}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Whether pages are live, and in which zone their times are. */
function Status() {
  const text = useText().common.live;
  const { hearing, pause } = useHearing();
  const { zone } = useZone();
  const paused = hearing === "paused";
  return (
    <div className={styles.status}>
      <span className={styles.zone}>{zone.replaceAll("_", " ")}</span>
      <button
        type="button"
        aria-pressed={paused}
        title={paused ? text.resume : text.pause}
        onClick={() => pause(!paused)}
      >
        <i data-hearing={hearing} aria-hidden />
        <span role="status">{text[hearing]}</span>
      </button>
    </div>
  );
}
