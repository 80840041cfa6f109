import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Check, Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { changeUser, createUser, type Grant, type User } from "../../server/access";
import { useSession } from "../../server/session";
import { Buttons, Form, Row } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { Grants } from "./Grants";

/** Somebody who is to be let in, or what is to be different about them. */
export function UserForm({ user, onClose }: { user?: User; onClose: () => void }) {
  const text = useText("access");
  const words = text.access;
  const toast = useToast();
  const { tenant } = useSession();
  const [name, setName] = useState("");
  const [fullName, setFullName] = useState(user?.full_name ?? "");
  const [password, setPassword] = useState("");
  const [payloads, setPayloads] = useState(user?.payloads ?? true);
  const [grants, setGrants] = useState<Grant[]>(user?.grants ?? [{ role: "viewer", tenant }]);
  const save = useMutation({
    mutationFn: async () => {
      const said = { full_name: fullName, payloads };
      const others = JSON.stringify(grants) !== JSON.stringify(user?.grants);
      if (user) await changeUser(user, others ? { ...said, grants } : said);
      else await createUser({ ...said, name, password, grants });
    },
    onSuccess: () => {
      toast(words.done(user?.name ?? name));
      onClose();
    },
  });
  return (
    <Dialog wide title={user ? words.changeOf(user.name) : words.newUser} onClose={onClose} closeText={text.common.close}>
      <Form onSubmit={() => save.mutate()}>
        <Row>
          {user ? null : (
            <Field label={words.userName} hint={words.userNameHint} required maxLength={128} value={name} autoComplete="off" onChange={(event) => setName(event.target.value)} />
          )}
          <Field label={`${words.fullName} (${text.common.optional})`} maxLength={200} value={fullName} autoComplete="off" onChange={(event) => setFullName(event.target.value)} />
        </Row>
        {user ? null : (
          <Field label={`${words.password} (${text.common.optional})`} hint={words.passwordHint} type="password" value={password} autoComplete="new-password" onChange={(event) => setPassword(event.target.value)} />
        )}
        <Grants grants={grants} change={setGrants} />
        {user ? <p>{words.grantsEffect}</p> : null}
        <Check label={words.payloads} checked={payloads} onChange={(event) => setPayloads(event.target.checked)} />
        {save.error ? <Failed error={save.error} doing={user ? text.common.save : words.makeUser} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={save.isPending || grants.length === 0}>
            {user ? text.common.save : words.makeUser}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
