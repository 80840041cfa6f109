import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Button } from "../../design/Button";
import { Menu } from "../../design/Menu";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head, Section } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { changeUser, deleteUser, ROLES, usersQuery, type User } from "../../server/access";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { Password } from "./Password";
import { UserForm } from "./UserForm";
import { useAsked } from "./useAsked";

export function Users({ tabs }: { tabs: ReactNode }) {
  const text = useText("access");
  const words = text.access;
  const mayRead = useMay("users.read");
  const { data, error, refetch } = useQuery({ ...usersQuery, enabled: mayRead });
  const [makes, make] = useState(false);
  const refused = useMay("users.change") ? undefined : text.common.failed.forbidden("admin");
  const waits = mayRead && !data && !error;
  return (
    <>
      <Head
        title={data ? words.users(data.filter((each) => !each.disabled).length, data.filter((each) => each.disabled).length) : words.title}
        acts={
          <Button refused={refused} onClick={() => make(true)}>
            {words.newUser}
          </Button>
        }
      />
      {tabs}
      {mayRead ? null : <Nothing>{text.common.failed.forbidden("admin")}</Nothing>}
      {mayRead && error && !data ? <Failed error={error} again={() => void refetch()} /> : null}
      {waits ? <Skeleton name={text.common.loading} /> : null}
      {data?.length === 0 ? <Nothing>{words.noUsers}</Nothing> : null}
      {data?.length ? <List users={data} /> : null}
      {waits ? null : <Roles />}
      {makes ? <UserForm onClose={() => make(false)} /> : null}
    </>
  );
}

/** What each role may do. */
function Roles() {
  const words = useText("access").access;
  return (
    <Section title={words.rolesTitle}>
      <p>{words.roleWhere}</p>
      <ul>
        {ROLES.map((each) => (
          <li key={each}>
            <strong>{words.roles[each]}</strong>: {words.roleMay[each]}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function List({ users }: { users: User[] }) {
  const text = useText("access");
  const words = text.access;
  const columns: Column<User>[] = [
    { name: "name", head: words.name, kind: "name", cell: (user) => user.name },
    { name: "full", head: words.fullName, spare: true, cell: (user) => user.full_name },
    {
      name: "grants",
      head: words.grants,
      cell: (user) => user.grants.map((each) => words.grant(words.roles[each.role], each.tenant ?? null)).join(", "),
    },
    {
      name: "note",
      head: words.note,
      cell: (user) =>
        [user.disabled && words.disabled, !user.has_password && words.noPassword, !user.payloads && words.noPayloads]
          .filter(Boolean)
          .join(", "),
    },
    { name: "made", head: words.made, kind: "number", spare: true, cell: (user) => <Time at={user.created_at} only="ago" /> },
    { name: "acts", head: text.common.more, kind: "tight", cell: (user) => <Acts user={user} /> },
  ];
  return <Table title={words.tabs.users} rows={users} keyOf={(user) => user.name} columns={columns} />;
}

function Acts({ user: latest }: { user: User }) {
  const text = useText("access");
  const words = text.access;
  const { subject: user, verb, ask, close } = useAsked<User, "change" | "password" | "switch" | "delete">(latest);
  const toast = useToast();
  const refused = useMay("users.change") ? undefined : text.common.failed.forbidden("admin");
  return (
    <>
      <Menu
        name="⋯"
        label={words.acts(user.name)}
        items={[
          { name: words.change, refused, act: () => ask("change") },
          { name: words.newPassword, refused, act: () => ask("password") },
          { name: user.disabled ? words.enable : words.disable, refused, act: () => ask("switch") },
          { name: words.remove, refused, act: () => ask("delete") },
        ]}
      />
      {verb === "change" ? <UserForm user={user} onClose={close} /> : null}
      {verb === "password" ? <Password name={user.name} onClose={close} /> : null}
      {verb === "switch" ? (
        <Ask
          title={user.disabled ? words.enableUser(user.name) : words.disableUser(user.name)}
          effect={<p>{user.disabled ? words.enableUserEffect : words.disableUserEffect}</p>}
          verb={user.disabled ? words.enable : words.disable}
          act={(reason) => changeUser(user, { disabled: !user.disabled }, reason)}
          done={() => toast(words.done(user.name))}
          onClose={close}
        />
      ) : null}
      {verb === "delete" ? (
        <Ask
          grave
          title={words.removeUser(user.name)}
          effect={<p>{words.removeUserEffect}</p>}
          verb={words.remove}
          act={(reason) => deleteUser(user, reason)}
          done={() => toast(words.gone(user.name))}
          onClose={close}
        />
      ) : null}
    </>
  );
}
