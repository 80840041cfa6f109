import { QueryClientProvider } from "@tanstack/react-query";
import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect, useRef, useState } from "react";

import { Skeleton } from "../design/Notice";
import { Toasts } from "../design/Toast";
import { useText, type Text } from "../i18n/text";
import { useIncidents } from "../server/alerts";
import { Hears, useHearing } from "../server/hearing";
import { client } from "../server/queries";
import { Sessioned, useSession } from "../server/session";
import { useZone, Zoned } from "../time/clock";
import { Brand } from "./Brand";
import { Ended } from "./Ended";
import { FilterBar } from "./FilterBar";
import { Keyed } from "./keys";
import styles from "./Layout.module.css";
import { Me } from "./Me";
import { GROUPS, type Place } from "./places";
import { Shortcuts } from "./Shortcuts";
import { Warnings } from "./Warnings";
import { Whose } from "./Whose";

type Words = Text["common"]["nav"];

/** What stands around every page. */
export function Layout() {
  return (
    <Zoned>
      <QueryClientProvider client={client}>
        <Sessioned>
          <Toasts>
            <Hears>
              <Keyed>
                <Around />
                <Shortcuts />
                <Ended />
              </Keyed>
            </Hears>
          </Toasts>
        </Sessioned>
      </QueryClientProvider>
    </Zoned>
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
          <Whose />
          <Me />
        </header>
        <Warnings />
        <main id="page" ref={main} tabIndex={-1} className={styles.main}>
          <Suspense fallback={<Skeleton name={text.loading} />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </div>
  );
}

function Group({ head, items }: { head: keyof Words | ""; items: readonly Place[] }) {
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
              {item.name === "alerts" ? <OpenIncidents /> : null}
            </Link>
          </li>
        ))}
      </ul>
    </>
  );
}

/** How many incidents are open; nothing where none is. */
function OpenIncidents() {
  const text = useText("shell");
  const open = useIncidents().data?.open ?? 0;
  if (open === 0) return null;
  return (
    <small className={styles.badge}>
      <span aria-hidden>{text.common.count(open)}</span>
      <span className="hidden">{text.shell.openIncidents(open)}</span>
    </small>
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
