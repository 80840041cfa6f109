import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { setPassword } from "../../server/access";
import { Buttons, Form } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";

/** Gives somebody another password. */
export function Password({ name, onClose }: { name: string; onClose: () => void }) {
  const text = useText("access");
  const words = text.access;
  const toast = useToast();
  const [password, set] = useState("");
  const [reason, setReason] = useState("");
  const save = useMutation({
    mutationFn: () => setPassword(name, password, reason),
    onSuccess: () => {
      toast(words.passwordSet(name));
      onClose();
    },
  });
  return (
    <Dialog title={words.passwordOf(name)} onClose={onClose} closeText={text.common.close}>
      <p>{words.passwordEffect}</p>
      <Form onSubmit={() => save.mutate()}>
        <Field label={words.newPassword} type="password" required autoComplete="new-password" value={password} onChange={(event) => set(event.target.value)} />
        <Field label={`${text.common.reason} (${text.common.optional})`} hint={text.common.reasonWhy} maxLength={1000} value={reason} onChange={(event) => setReason(event.target.value)} />
        {save.error ? <Failed error={save.error} doing={words.setPassword} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={save.isPending}>
            {words.setPassword}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
