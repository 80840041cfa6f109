import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";

import { Nothing, Skeleton } from "../../design/Notice";
import { Pages } from "../../design/Pages";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText, type Text } from "../../i18n/text";
import { eventsQuery, type Happened } from "../../server/events";
import type { EventsSearch } from "../../server/seen";
import { Failed } from "../../shell/Broken";
import { useBusy } from "../../shell/busy";
import { Fresh } from "../../shell/Fresh";
import { useGathered } from "../../shell/gather";

const NONE: readonly Happened[] = [];

function keyOf(event: Happened): string {
  return String(event.position);
}

/** Events, newest first; while somebody is at the list, new ones gather behind a button. */
export function Log({ search }: { search: EventsSearch }) {
  const text = useText("events");
  const words = text.events;
  const navigate = useNavigate({ from: "/events" });
  const { data, error, isPlaceholderData, refetch } = useQuery(eventsQuery(search));
  const { busy, list } = useBusy();
  const isOpen = search.event !== undefined;
  const place = isPlaceholderData ? undefined : JSON.stringify([search.pattern, search.source, search.after]);
  const { rows, fresh, more, show } = useGathered(data?.events ?? NONE, keyOf, busy || isOpen, place);
  const isNarrow = Boolean(search.pattern || search.source);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} rows={12} />;
  return (
    <>
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {rows.length === 0 ? (
        <Nothing more={isNarrow ? null : <code>{words.example}</code>}>
          {data.cursor !== null ? words.farther : isNarrow ? words.noneMatch : words.none}
        </Nothing>
      ) : (
        <div aria-busy={isPlaceholderData} {...list}>
          <Fresh count={fresh} said={words.fresh(fresh, more)} show={show} />
          <Table<Happened> title={words.title} rows={rows} keyOf={keyOf} columns={columns(text, search)} />
        </div>
      )}
      <Pages
        newest={search.after === undefined ? undefined : () => void navigate({ search: { ...search, after: undefined } })}
        older={data.cursor === null ? undefined : () => void navigate({ search: { ...search, after: data.cursor ?? undefined } })}
      />
    </>
  );
}

function columns(text: Text<"events">, search: EventsSearch): Column<Happened>[] {
  const words = text.events;
  return [
    {
      name: "name",
      head: words.name,
      kind: "name",
      cell: (row) => (
        <Link to="/events" search={{ ...search, event: row.position }} resetScroll={false} title={words.open(row.name)}>
          {row.name}
        </Link>
      ),
    },
    { name: "payload", head: words.payload, kind: "cut", cell: (row) => (row.masked ? "•••" : brief(row.payload)) },
    {
      name: "source",
      head: words.source,
      spare: true,
      cell: (row) =>
        row.source ? (
          <Link to="/events" search={{ ...search, source: row.source, after: undefined }}>
            {visible(row.source)}
          </Link>
        ) : null,
    },
    { name: "tenant", head: words.tenant, spare: true, cell: (row) => row.tenant },
    { name: "at", head: words.at, kind: "number", cell: (row) => <Time at={row.at} /> },
  ];
}

const LONGEST = 200;

function brief(payload: unknown): string {
  const written = JSON.stringify(payload) ?? "";
  return written.length > LONGEST ? `${written.slice(0, LONGEST)}…` : written;
}
