import { useSearch } from "@tanstack/react-router";
import { useEffect, useState, type FormEvent } from "react";

import { Button } from "../../design/Button";
import { Field } from "../../design/Field";
import { Prose } from "../../design/Prose";
import { useText } from "../../i18n/text";
import { post, Problem } from "../../server/http";
import { Failed } from "../../shell/Broken";
import styles from "./Login.module.css";

/** Letters of a new password, as the server has it. */
const SHORTEST = 12;

/** Coming in: by a name and a password, or, the very first time, by the console's token. */
export function Login() {
  const text = useText("shell").shell;
  const { next, setup } = useSearch({ from: "/login" });
  const [isFirst, setFirst] = useState(setup === true);
  const [token] = useState(tokenOf);
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const [short, setShort] = useState(false);

  const come = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const said = (name: string) => String(given.get(name) ?? "");
    setError(undefined);
    setShort(isFirst && said("password").length < SHORTEST);
    if (isFirst && said("password").length < SHORTEST) return;
    setBusy(true);
    try {
      const who = { name: said("name"), password: said("password") };
      if (isFirst) await post("/api/v1/session/setup", { body: { ...who, token: said("token") } });
      else await post("/api/v1/session", { body: who });
      // A page of its own: nothing of whoever was here before is left. Wherever it leads, it stays below our place.
      location.replace(new URL(`./${(next ?? "").replace(/^[/\\]+/, "")}`, document.baseURI));
    } catch (found) {
      setError(found);
      setBusy(false);
    }
  };

  useEffect(forgetToken, []);

  const wrong = error instanceof Problem && error.status === 401;
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={(event) => void come(event)}>
        <h1>{isFirst ? text.setUp.title : text.login.title}</h1>
        <p className={styles.about}><Prose>{isFirst ? text.setUp.about : next ? text.login.ended : text.login.none}</Prose></p>
        {isFirst ? <Field label={text.setUp.token} name="token" required defaultValue={token} autoComplete="one-time-code" spellCheck={false} hint={token ? text.setUp.filledIn : text.setUp.where} /> : null}
        <Field label={text.login.name} name="name" required autoComplete="username" autoFocus={!isFirst || token !== ""} {...(isFirst ? { hint: text.setUp.nameHint } : {})} />
        <Field
          label={text.login.password}
          name="password"
          type="password"
          required
          autoComplete={isFirst ? "new-password" : "current-password"}
          {...(isFirst ? { hint: text.setUp.passwordHint } : {})}
          wrong={isFirst ? (short ? text.setUp.short : undefined) : wrong ? text.login.wrong : undefined}
        />
        {error !== undefined && !(wrong && !isFirst) ? <Failed error={error} doing={isFirst ? text.setUp.make : text.login.come} /> : null}
        <div className={styles.acts}>
          <Button kind="main" type="submit" disabled={busy}>
            {isFirst ? text.setUp.make : text.login.come}
          </Button>
          <Button kind="bare" onClick={() => setFirst(!isFirst)}>
            {isFirst ? text.login.title : text.setUp.title}
          </Button>
        </div>
      </form>
    </main>
  );
}

/** The token of the address that the console shows; what stands behind `#` is sent to nobody. */
function tokenOf(): string {
  return decodeURIComponent(location.hash.slice(1));
}

function forgetToken(): void {
  if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
}
