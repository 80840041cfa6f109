import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Head } from "../../design/Page";
import { Tabs } from "../../design/Tabs";
import { useText } from "../../i18n/text";
import { figuresQuery } from "../../server/events";
import type { Asks } from "../../server/queries";
import { readEvents, type EventsSearch } from "../../server/seen";
import { useMay } from "../../server/session";
import { Clean } from "./Clean";
import { Emit } from "./Emit";
import { Happened } from "./Happened";
import { Log } from "./Log";
import { Narrow } from "./Narrow";
import { Statistics } from "./Statistics";
import { Subscriptions } from "./Subscriptions";

export const asks: Asks = ({ search }) => [figuresQuery(readEvents(search))];

/** What happened: the events themselves, how many, and who waits for them. */
export function List() {
  const text = useText("events");
  const words = text.events;
  const search = useSearch({ from: "/inside/events" });
  const navigate = useNavigate({ from: "/events" });
  const { view, since = "-24h", event, ...rest } = search;
  const { data: figures } = useQuery(figuresQuery(search));
  const [asked, ask] = useState<"emit" | "clean">();
  const mayEmit = useMay("events.emit");
  const mayClean = useMay("events.clean");
  return (
    <>
      <Head
        title={figures ? words.verdict(figures.count, figures.whole, words.spans[since]) : words.title}
        acts={
          <>
            <Button refused={mayEmit ? undefined : text.common.failed.forbidden("operator")} onClick={() => ask("emit")}>
              {words.emit}
            </Button>
            <Button
              kind="grave"
              refused={mayClean ? undefined : text.common.failed.forbidden("admin")}
              onClick={() => ask("clean")}
            >
              {words.clean}
            </Button>
          </>
        }
      />
      <Tabs
        name={words.view}
        tabs={([undefined, "statistics", "subscriptions"] as const).map((each) => ({
          key: each ?? "list",
          name: words.views[each ?? "list"],
          to: "/events",
          search: { ...kept(rest), ...(each ? { view: each } : {}) },
          current: view === each,
        }))}
      />
      {view === "subscriptions" ? null : <Narrow key={`${search.pattern} ${search.source}`} search={search} />}
      {view === undefined ? <Log search={search} /> : null}
      {view === "statistics" ? <Statistics search={search} /> : null}
      {view === "subscriptions" ? <Subscriptions /> : null}
      {search.pattern || search.source ? (
        <p>
          <Link to="/events" search={view ? { view } : {}}>
            {words.showAll}
          </Link>
        </p>
      ) : null}
      {event !== undefined ? (
        <Happened
          key={event}
          position={event}
          onClose={() => void navigate({ search: { ...search, event: undefined }, resetScroll: false })}
        />
      ) : null}
      {asked === "emit" ? <Emit onClose={() => ask(undefined)} /> : null}
      {asked === "clean" ? <Clean onClose={() => ask(undefined)} /> : null}
    </>
  );
}

function kept({ pattern, source }: EventsSearch): EventsSearch {
  return { ...(pattern ? { pattern } : {}), ...(source ? { source } : {}) };
}
