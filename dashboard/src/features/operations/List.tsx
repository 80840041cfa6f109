import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";

import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Pages } from "../../design/Pages";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText, type Text } from "../../i18n/text";
import { person } from "../../server/names";
import { operationsQuery, type Operation } from "../../server/operations";
import type { Asks } from "../../server/queries";
import { Failed } from "../../shell/Broken";
import { Undo } from "./Undo";

export const asks: Asks = ({ search: { after } }) => [operationsQuery(typeof after === "string" ? after : undefined)];

/** What was done to many jobs at once, by whom, and what became of it. */
export function List() {
  const text = useText("operations");
  const { after } = useSearch({ from: "/inside/operations" });
  const navigate = useNavigate({ from: "/operations" });
  const { data, error, refetch } = useQuery(operationsQuery(after));
  const found = data?.operations ?? [];
  return (
    <>
      <Head
        title={data && found.length ? text.operations.count(found.length, data.cursor !== null || after !== undefined) : text.operations.title}
        lede={<p>{text.operations.lede}</p>}
      />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton name={text.common.loading} /> : null}
      {data && found.length === 0 ? (
        <Nothing more={<Link to="/jobs">{text.operations.toJobs}</Link>}>{text.operations.none}</Nothing>
      ) : null}
      {found.length ? (
        <>
          <Table title={text.operations.title} rows={found} keyOf={(each) => each.id} columns={columns(text)} />
          <Pages
            newest={after ? () => void navigate({ search: {} }) : undefined}
            older={data?.cursor ? () => void navigate({ search: { after: data.cursor ?? "" } }) : undefined}
          />
        </>
      ) : null}
    </>
  );
}

function columns(text: Text<"operations">): Column<Operation>[] {
  const words = text.operations;
  return [
    {
      name: "what",
      head: words.what,
      kind: "name",
      cell: (each) => (
        <Link to="/operations/$id" params={{ id: each.id }}>
          {words.did(each.verb, each.changed)}
        </Link>
      ),
    },
    { name: "reason", head: words.reason, kind: "cut", cell: (each) => <span title={visible(each.reason)}>{visible(each.reason)}</span> },
    { name: "who", head: words.who, cell: (each) => person(each.who) },
    { name: "state", head: words.state, cell: (each) => words.states[each.state] },
    { name: "when", head: words.when, kind: "number", cell: (each) => <Time at={each.began_at} only="ago" /> },
    { name: "undo", head: words.undo, kind: "tight", cell: (each) => (each.undo_refused === null ? <Undo operation={each} /> : null) },
  ];
}
