import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { Button } from "../../design/Button";
import { Choice, Field } from "../../design/Field";
import { useText } from "../../i18n/text";
import { ROLES, tenantsQuery, type Grant, type Role } from "../../server/access";
import { useMay, useSession } from "../../server/session";
import { Group } from "../../shell/Ask";
import styles from "./Grants.module.css";

/** Roles, each for a tenant or for the whole instance; whoever is confined gives them there alone. */
export function Grants({ grants, change }: { grants: Grant[]; change: (next: Grant[]) => void }) {
  const words = useText("access").access;
  const { tenant } = useSession();
  const set = (at: number, part: Partial<Grant>) => change(grants.map((each, number) => (number === at ? { ...each, ...part } : each)));
  return (
    <Group name={words.grants}>
      {grants.map((each, at) => (
        <div key={at} className={styles.grant}>
          <Choice
            label={words.role}
            value={each.role}
            options={ROLES.map((role) => [role, words.roles[role]])}
            hint={words.roleMay[each.role]}
            onChange={(event) => set(at, { role: event.target.value as Role })}
          />
          <Tenant value={each.tenant ?? null} change={(next) => set(at, { tenant: next })} />
          <Button
            kind="bare"
            aria-label={words.dropGrant}
            title={words.dropGrant}
            disabled={grants.length === 1}
            onClick={() => change(grants.filter((_, number) => number !== at))}
          >
            ✕
          </Button>
        </div>
      ))}
      <Button onClick={() => change([...grants, { role: "viewer", tenant }])}>{words.addGrant}</Button>
    </Group>
  );
}

/** Whose data: a tenant by name, or, empty, everybody's. */
export function Tenant({ value, change }: { value: string | null; change: (next: string | null) => void }) {
  const words = useText("access").access;
  const { tenant } = useSession();
  const known = useQuery({ ...tenantsQuery, enabled: useMay("tenants.read") }).data ?? [];
  const names = useId();
  return (
    <>
      <Field
        label={words.tenant}
        hint={tenant === null ? words.tenantHint : undefined}
        value={value ?? ""}
        placeholder={tenant === null ? words.everywhere : ""}
        readOnly={tenant !== null}
        list={names}
        autoComplete="off"
        onChange={(event) => change(event.target.value || null)}
      />
      <datalist id={names}>
        {known.map((each) => (
          <option key={each.name} value={each.name}>
            {each.title}
          </option>
        ))}
      </datalist>
    </>
  );
}
