import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Button } from "../../design/Button";
import { Menu } from "../../design/Menu";
import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { changeTenant, deleteTenant, tenantsQuery, useOf, type Tenant } from "../../server/access";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { TenantForm } from "./TenantForm";
import { useAsked } from "./useAsked";

const PAGE = 25;

export function Tenants({ tabs }: { tabs: ReactNode }) {
  const text = useText("access");
  const words = text.access;
  const mayRead = useMay("tenants.read");
  const { data, error, refetch } = useQuery({ ...tenantsQuery, enabled: mayRead });
  const [makes, make] = useState(false);
  const refused = useMay("tenants.change") ? undefined : words.instanceAdmin;
  return (
    <>
      <Head
        title={data ? words.tenants(data.length) : words.tabs.tenants}
        acts={
          <Button refused={refused} onClick={() => make(true)}>
            {words.newTenant}
          </Button>
        }
      />
      {tabs}
      {mayRead ? null : <Nothing>{words.instanceAdmin}</Nothing>}
      {mayRead && error && !data ? <Failed error={error} again={() => void refetch()} /> : null}
      {mayRead && !data && !error ? <Skeleton name={text.common.loading} /> : null}
      {data?.length === 0 ? <Nothing>{words.noTenants}</Nothing> : null}
      {data?.length ? <List tenants={data} /> : null}
      {makes ? <TenantForm onClose={() => make(false)} /> : null}
    </>
  );
}

function List({ tenants }: { tenants: Tenant[] }) {
  const text = useText("access");
  const words = text.access;
  const [shown, show] = useState(PAGE);
  const most = (value: number | null | undefined) => (value === null || value === undefined ? "–" : text.common.count(value));
  const columns: Column<Tenant>[] = [
    {
      name: "name",
      head: words.name,
      kind: "name",
      cell: (each) => (each.disabled ? `${each.name} (${words.disabled})` : each.name),
    },
    { name: "title", head: words.tenantTitle, spare: true, cell: (each) => each.title },
    { name: "waiting", head: words.quotas.waiting, kind: "number", cell: (each) => <Use tenant={each} of="waiting" /> },
    { name: "running", head: words.quotas.running, kind: "number", cell: (each) => <Use tenant={each} of="running" /> },
    { name: "minute", head: words.quotas.per_minute, kind: "number", cell: (each) => most(each.quota.per_minute) },
    { name: "payload", head: words.quotas.payload, kind: "number", spare: true, cell: (each) => most(each.quota.payload) },
    { name: "acts", head: text.common.more, kind: "tight", cell: (each) => <Acts tenant={each} /> },
  ];
  return (
    <>
      <Table title={words.tabs.tenants} rows={tenants.slice(0, shown)} keyOf={(each) => each.name} columns={columns} />
      {tenants.length > shown ? (
        <Button onClick={() => show(shown + PAGE)}>{words.showMore(Math.min(PAGE, tenants.length - shown))}</Button>
      ) : null}
    </>
  );
}

/** How much of its quota a tenant has now. */
function Use({ tenant, of }: { tenant: Tenant; of: "waiting" | "running" }) {
  const words = useText("access").access;
  const now = useQuery(useOf(tenant.name)).data;
  return now ? words.use(now[of], tenant.quota[of] ?? null) : "…";
}

function Acts({ tenant: latest }: { tenant: Tenant }) {
  const text = useText("access");
  const words = text.access;
  const { subject: tenant, verb, ask, close } = useAsked<Tenant, "change" | "switch" | "delete">(latest);
  const toast = useToast();
  const now = useQuery(useOf(tenant.name)).data;
  const refused = useMay("tenants.change") ? undefined : words.instanceAdmin;
  return (
    <>
      <Menu
        name="⋯"
        label={words.acts(tenant.name)}
        items={[
          { name: words.change, refused, act: () => ask("change") },
          { name: tenant.disabled ? words.enable : words.disable, refused, act: () => ask("switch") },
          { name: words.remove, refused, act: () => ask("delete") },
        ]}
      />
      {verb === "change" ? <TenantForm tenant={tenant} onClose={close} /> : null}
      {verb === "switch" ? (
        <Ask
          title={tenant.disabled ? words.enableTenant(tenant.name) : words.disableTenant(tenant.name)}
          effect={<p>{tenant.disabled ? words.enableTenantEffect : words.disableTenantEffect}</p>}
          verb={tenant.disabled ? words.enable : words.disable}
          act={(reason) => changeTenant(tenant, { disabled: !tenant.disabled }, reason)}
          done={() => toast(words.done(tenant.name))}
          onClose={close}
        />
      ) : null}
      {verb === "delete" ? (
        <Ask
          grave
          title={words.removeTenant(tenant.name)}
          effect={<p>{words.removeTenantEffect(now && now.waiting + now.running)}</p>}
          verb={words.remove}
          act={(reason) => deleteTenant(tenant, reason)}
          done={() => toast(words.gone(tenant.name))}
          onClose={close}
        />
      ) : null}
    </>
  );
}
