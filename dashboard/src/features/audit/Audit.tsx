import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Mark } from "../../design/Mark";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText, type Text } from "../../i18n/text";
import type { Line } from "../../server/audit";
import { person } from "../../server/names";
import type { Search } from "../../server/seen";
import { useMay } from "../../server/session";
import { Failed } from "../../shell/Broken";
import { useBusy } from "../../shell/busy";
import { Fresh } from "../../shell/Fresh";
import { useRows } from "../../shell/useRows";
import styles from "./Audit.module.css";
import { Details } from "./Details";
import { Export } from "./Export";
import { Narrow } from "./Narrow";
import { useLines } from "./useLines";
import { Verify } from "./Verify";

/** Who did what: what the URL narrows it to, newest first. */
export function Audit() {
  const text = useText("audit");
  const words = text.audit;
  const search = useSearch({ from: "/inside/audit" });
  const navigate = useNavigate({ from: "/audit" });
  const mayRead = useMay("audit.read");
  const mayVerify = useMay("audit.verify");
  const [asks, ask] = useState<"verify" | "export">();
  const [looked, look] = useState<Line>();
  const { busy, list } = useBusy();
  const { found, lines, fresh, more, show } = useLines(search, mayRead, busy || looked !== undefined || asks !== undefined);
  const at = useRows({ keys: lines.map((line) => String(line.position)), open: (row) => look(lines[row]) });
  const isNarrowed = Object.keys(search).length > 0;
  const title = !found.data
    ? words.title
    : isNarrowed
      ? words.matching(lines.length, found.hasNextPage)
      : lines[0]
        ? words.titleLast(person(lines[0].actor))
        : words.titleNone;
  return (
    <>
      <Head
        title={title}
        lede={words.lede}
        acts={
          <>
            <Button refused={mayVerify ? undefined : words.verifyRefused} onClick={() => ask("verify")}>
              {words.verify}
            </Button>
            <Button refused={mayRead ? undefined : text.common.failed.forbidden("admin")} onClick={() => ask("export")}>{words.export}</Button>
          </>
        }
      />
      <Narrow key={JSON.stringify(search)} search={search} narrow={(next) => void navigate({ search: next })} />
      {mayRead ? null : <Nothing>{text.common.failed.forbidden("admin")}</Nothing>}
      {mayRead && found.error ? <Failed error={found.error} again={() => void found.refetch()} /> : null}
      {mayRead && !found.data && !found.error ? <Skeleton name={text.common.loading} rows={12} /> : null}
      {found.data && lines.length === 0 && !found.hasNextPage ? (
        <Nothing more={isNarrowed ? <Link to="/audit">{words.clear}</Link> : undefined}>
          {isNarrowed ? words.noneMatch : words.noneYet}
        </Nothing>
      ) : null}
      {lines.length ? (
        <div {...list}>
          <Fresh count={fresh} said={words.fresh(fresh, more)} show={show} />
          <Table title={words.title} rows={lines} keyOf={(line) => String(line.position)} at={at} columns={columns(text, search, look)} />
        </div>
      ) : null}
      {found.hasNextPage ? (
        <p>
          <Button disabled={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
            {words.more}
          </Button>
        </p>
      ) : lines.length ? (
        <small>{words.end}</small>
      ) : null}
      {looked ? <Details line={looked} onClose={() => look(undefined)} /> : null}
      {asks === "verify" ? <Verify onClose={() => ask(undefined)} /> : null}
      {asks === "export" ? <Export search={search} onClose={() => ask(undefined)} /> : null}
    </>
  );
}

function columns(text: Text<"audit">, search: Search, look: (line: Line) => void): Column<Line>[] {
  const words = text.audit;
  const only = (name: "actor" | "action" | "target", value: string) =>
    value ? (
      <Link to="/audit" search={{ ...search, [name]: value }} title={words.only(value)}>
        {value}
      </Link>
    ) : null;
  return [
    { name: "at", head: words.when, kind: "tight", cell: (line) => <Time at={line.at} only="clock" /> },
    { name: "action", head: words.what, kind: "name", cell: (line) => only("action", line.action) },
    { name: "target", head: words.target, cell: (line) => <span className={styles.target}>{only("target", line.target)}</span> },
    { name: "actor", head: words.who, cell: (line) => only("actor", line.actor) },
    {
      name: "result",
      head: words.result,
      kind: "tight",
      cell: (line) => (
        <>
          <Mark state={line.result === "done" ? "completed" : "failed"} /> {line.result === "done" ? words.results.done : words.results.refused}
        </>
      ),
    },
    { name: "reason", head: words.reason, kind: "cut", cell: (line) => <span title={visible(line.reason)}>{visible(line.reason || line.error)}</span> },
    {
      name: "look",
      head: text.common.more,
      kind: "tight",
      cell: (line) => (
        <Button kind="bare" aria-label={words.look(line.position)} title={words.look(line.position)} onClick={() => look(line)}>
          ⋯
        </Button>
      ),
    },
  ];
}
