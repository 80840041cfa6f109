import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { changeTenant, createTenant, type Quota, type Tenant } from "../../server/access";
import { Buttons, Form, Row } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";

const PARTS = ["waiting", "running", "per_minute", "payload"] as const satisfies readonly (keyof Quota)[];

/** A tenant that is to be known, or what is to be different about it. */
export function TenantForm({ tenant, onClose }: { tenant?: Tenant; onClose: () => void }) {
  const text = useText("access");
  const words = text.access;
  const toast = useToast();
  const [name, setName] = useState("");
  const [title, setTitle] = useState(tenant?.title ?? "");
  const [quota, setQuota] = useState<Quota>(tenant?.quota ?? { waiting: null, running: null, per_minute: null, payload: null });
  const save = useMutation({
    mutationFn: async () => {
      if (tenant) await changeTenant(tenant, { title, quota });
      else await createTenant({ name, title, quota });
    },
    onSuccess: () => {
      toast(words.done(tenant?.name ?? name));
      onClose();
    },
  });
  return (
    <Dialog wide title={tenant ? words.changeOf(tenant.name) : words.newTenant} onClose={onClose} closeText={text.common.close}>
      <Form onSubmit={() => save.mutate()}>
        <Row>
          {tenant ? null : (
            <Field label={words.name} required maxLength={128} pattern="[A-Za-z0-9_][A-Za-z0-9_.\-]*" value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
          )}
          <Field label={`${words.tenantTitle} (${text.common.optional})`} maxLength={200} value={title} autoComplete="off" onChange={(event) => setTitle(event.target.value)} />
        </Row>
        <h3>{words.quota}</h3>
        <p>{words.quotaHint}</p>
        <Row>
          {PARTS.map((part) => (
            <Field
              key={part}
              label={words.quotas[part]}
              type="number"
              min={0}
              step={1}
              inputMode="numeric"
              placeholder={words.unlimited}
              value={quota[part] ?? ""}
              onChange={(event) => setQuota({ ...quota, [part]: event.target.value === "" ? null : Number(event.target.value) })}
            />
          ))}
        </Row>
        {save.error ? <Failed error={save.error} doing={tenant ? text.common.save : words.makeTenant} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={save.isPending}>
            {tenant ? text.common.save : words.makeTenant}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
