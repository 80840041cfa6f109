import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";

import { Menu } from "../design/Menu";
import { useToast } from "../design/Toast";
import { useText } from "../i18n/text";
import { tenantsQuery } from "../server/access";
import { switchTenant, useMay, useSession } from "../server/session";
import type { Verb } from "./keys";

let seen: readonly string[] = [];

/** What one may look at, each as something to do; nothing where there is no choice. */
export function useTenants(): { tenant: string | null; verb: Verb; chosen: boolean }[] {
  const text = useText("shell").shell.tenant;
  const toast = useToast();
  const session = useSession();
  const known = useQuery({ ...tenantsQuery, enabled: useMay("tenants.read") && session.instance }).data;
  // Whoever looks at one tenant is not told of the others; those seen before are still a choice.
  const others = known?.map((each) => each.name) ?? seen;
  useEffect(() => {
    if (known) seen = known.map((each) => each.name);
  }, [known]);
  const named = session.instance ? [...others, ...(session.tenant === null ? [] : [session.tenant])] : [];
  const names = [...new Set([...session.tenants, ...named])].sort();
  const all = [...(session.instance ? [null] : []), ...names];
  if (all.length < 2 || session.kind !== "user") return [];
  return all.map((tenant) => ({
    tenant,
    chosen: tenant === session.tenant,
    verb: {
      name: text.look(tenant),
      act: () => void switchTenant(tenant).then(() => toast(text.looks(tenant)), (error: unknown) => toast(String(error))),
    },
  }));
}

/** Whose data is looked at, and the way to another tenant's. */
export function Whose() {
  const text = useText("shell").shell.tenant;
  const { tenant: now } = useSession();
  const tenants = useTenants();
  if (tenants.length === 0) return null;
  return (
    <Menu
      name={now ?? text.everybody}
      label={text.now(now)}
      items={tenants.map(({ tenant, chosen, verb }) => ({ name: tenant ?? text.everybody, chosen, act: verb.act }))}
    />
  );
}
