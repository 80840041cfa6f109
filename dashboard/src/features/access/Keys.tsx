import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Button } from "../../design/Button";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { keysQuery, revokeKey, type Key } from "../../server/access";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { now } from "../../time/clock";
import { KeyForm } from "./KeyForm";

export function Keys({ tabs }: { tabs: ReactNode }) {
  const text = useText("access");
  const words = text.access;
  const mayRead = useMay("keys.read");
  const { data, error, refetch } = useQuery({ ...keysQuery, enabled: mayRead });
  const [makes, make] = useState(false);
  const [revoked, revoke] = useState<Key>();
  const toast = useToast();
  const refused = useMay("keys.change") ? undefined : text.common.failed.forbidden("admin");
  const columns: Column<Key>[] = [
    { name: "title", head: words.keyTitle, kind: "name", cell: (key) => key.title },
    { name: "beginning", head: words.beginning, cell: (key) => <code>{key.beginning}…</code> },
    { name: "role", head: words.role, cell: (key) => words.grant(words.roles[key.role], key.tenant) },
    { name: "scopes", head: words.scopes, cell: (key) => (key.scopes.includes("*") ? words.allScopes : key.scopes.join(", ")) },
    { name: "owner", head: words.owner, spare: true, cell: (key) => key.owner },
    { name: "made", head: words.made, kind: "number", spare: true, cell: (key) => <Time at={key.created_at} only="ago" /> },
    { name: "expires", head: words.expires, kind: "number", cell: (key) => <Ends at={key.expires_at} /> },
    {
      name: "acts",
      head: text.common.more,
      kind: "tight",
      cell: (key) => (
        <Button kind="grave" refused={refused} onClick={() => revoke(key)}>
          {words.revoke}
          <span className="hidden"> {key.title}</span>
        </Button>
      ),
    },
  ];
  return (
    <>
      <Head
        title={data ? words.keys(data.length) : words.title}
        acts={
          <Button refused={refused} onClick={() => make(true)}>
            {words.newKey}
          </Button>
        }
      />
      {tabs}
      {mayRead ? null : <Nothing>{text.common.failed.forbidden("admin")}</Nothing>}
      {mayRead && error && !data ? <Failed error={error} again={() => void refetch()} /> : null}
      {mayRead && !data && !error ? <Skeleton name={text.common.loading} /> : null}
      {data?.length === 0 ? <Nothing>{words.noKeys}</Nothing> : null}
      {data?.length ? <Table title={words.tabs.keys} rows={data} keyOf={(key) => key.id} columns={columns} /> : null}
      {makes ? <KeyForm onClose={() => make(false)} /> : null}
      {revoked ? (
        <Ask
          grave
          title={words.revokeKey(revoked.title)}
          effect={
            <>
              <p>
                <code>{revoked.beginning}…</code> {words.grant(words.roles[revoked.role], revoked.tenant)}
              </p>
              <p>{words.revokeEffect}</p>
            </>
          }
          verb={words.revoke}
          act={(reason) => revokeKey(revoked.id, reason)}
          done={() => toast(words.revoked)}
          onClose={() => revoke(undefined)}
        />
      ) : null}
    </>
  );
}

function Ends({ at }: { at: string | null }) {
  const words = useText("access").access;
  if (at === null) return words.never;
  return (
    <>
      {Date.parse(at) < now() ? `${words.ended} ` : null}
      <Time at={at} only="ago" />
    </>
  );
}
