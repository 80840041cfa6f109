import { useMutation } from "@tanstack/react-query";
import { useRouterState } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../design/Button";
import { Dialog } from "../design/Dialog";
import { Field } from "../design/Field";
import { useText } from "../i18n/text";
import { address, Problem } from "../server/http";
import { comeAgain, useSession } from "../server/session";
import { Buttons, Form } from "./Ask";
import { Failed } from "./Broken";

/** Says that the session has ended, and lets one in again without leaving the page. */
export function Again({ done }: { done: () => void }) {
  const text = useText("shell");
  const words = text.shell.ended;
  const session = useSession();
  const next = useRouterState({ select: (state) => state.location.href });
  const [name, setName] = useState(session.user);
  const [password, setPassword] = useState("");
  const come = useMutation({ mutationFn: () => comeAgain(name, password, session.tenant), onSuccess: done });
  const wrong = come.error instanceof Problem && come.error.status === 401;
  const login = address("login");
  login.searchParams.set("next", next);
  return (
    // Who closes it may read on; the next thing that is asked for opens it again.
    <Dialog title={words.title} onClose={done} closeText={text.common.close}>
      <p>{words.about}</p>
      <Form onSubmit={() => come.mutate()}>
        <Field label={text.shell.login.name} required autoComplete="username" value={name} onChange={(event) => setName(event.target.value)} />
        <Field
          label={text.shell.login.password}
          type="password"
          required
          data-first
          autoComplete="current-password"
          value={password}
          wrong={wrong ? text.shell.login.wrong : undefined}
          onChange={(event) => setPassword(event.target.value)}
        />
        {come.error && !wrong ? <Failed error={come.error} doing={text.shell.login.come} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={come.isPending}>
            {text.shell.login.come}
          </Button>
          <a href={login.href}>{words.other}</a>
        </Buttons>
      </Form>
    </Dialog>
  );
}
