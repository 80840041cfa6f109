import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Check, Choice, Field } from "../../design/Field";
import { Secret } from "../../design/Secret";
import { useText } from "../../i18n/text";
import { createKey, ROLES, type Role } from "../../server/access";
import { useSession, type Permission } from "../../server/session";
import { Buttons, Form, Group, Row } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { Tenant } from "./Grants";
import styles from "./Grants.module.css";
import { PERMISSIONS, scopesOf } from "./scopes";

/** A new key; once it is made it is shown, this once. */
export function KeyForm({ onClose }: { onClose: () => void }) {
  const text = useText("access");
  const words = text.access;
  const session = useSession();
  const [title, setTitle] = useState("");
  const [role, setRole] = useState<Role>("operator");
  const [tenant, setTenant] = useState(session.tenant);
  const [term, setTerm] = useState("90d");
  const [all, setAll] = useState(true);
  const [chosen, choose] = useState<ReadonlySet<Permission>>(new Set());
  const make = useMutation({
    mutationFn: () =>
      createKey({ title, role, tenant, expires_in: term || null, scopes: all ? ["*"] : scopesOf(chosen) }),
  });
  if (make.data) {
    return (
      <Dialog title={words.keyMade(make.data.title)} onClose={onClose} closeText={text.common.close}>
        <p>{words.keyAbout}</p>
        <Secret name={words.key} value={make.data.secret} />
        <Buttons>
          <Button kind="main" onClick={onClose}>
            {words.kept}
          </Button>
        </Buttons>
      </Dialog>
    );
  }
  const toggle = (each: Permission) => {
    const next = new Set(chosen);
    if (!next.delete(each)) next.add(each);
    choose(next);
  };
  return (
    <Dialog wide title={words.newKey} onClose={onClose} closeText={text.common.close}>
      <Form onSubmit={() => make.mutate()}>
        <Row>
          <Field label={words.keyTitle} hint={words.keyTitleHint} required maxLength={200} value={title} autoComplete="off" onChange={(event) => setTitle(event.target.value)} />
          <Choice label={words.expires} value={term} options={Object.entries(words.terms)} onChange={(event) => setTerm(event.target.value)} />
        </Row>
        <Row>
          <Choice label={words.role} hint={words.roleMay[role]} value={role} options={ROLES.map((each) => [each, words.roles[each]])} onChange={(event) => setRole(event.target.value as Role)} />
          <Tenant value={tenant} change={setTenant} />
        </Row>
        <Group name={words.scopes}>
          <Check label={words.allScopes} checked={all} onChange={(event) => setAll(event.target.checked)} />
          {all ? null : (
            <div className={styles.scopes}>
              {PERMISSIONS.map((each) => (
                <Check key={each} label={<code>{each}</code>} checked={chosen.has(each)} onChange={() => toggle(each)} />
              ))}
            </div>
          )}
        </Group>
        {make.error ? <Failed error={make.error} doing={words.makeKey} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={make.isPending || (!all && chosen.size === 0)}>
            {words.makeKey}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
