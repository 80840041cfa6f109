import { Link, type ErrorComponentProps } from "@tanstack/react-router";

import { Button } from "../design/Button";
import { Wrong } from "../design/Notice";
import { useText } from "../i18n/text";
import { Problem } from "../server/http";

/** What went wrong with a request or a page, what to do about it, and the request's id. */
export function Failed({ error, again }: { error: unknown; again?: () => void }) {
  const text = useText().common;
  const problem = error instanceof Problem ? error : undefined;
  const said = !problem
    ? error instanceof TypeError
      ? text.failed.unreachable
      : String(error)
    : problem.status === 404
      ? `${problem.message}. ${text.failed.gone}`
      : problem.status === 409 || problem.status === 412
        ? `${problem.message}. ${text.failed.changed}`
        : problem.status === 429
          ? `${problem.message}. ${text.failed.throttled(problem.wait ?? 1)}`
          : problem.message;
  return (
    <Wrong title={text.failed.title} action={again ? <Button onClick={again}>{text.again}</Button> : undefined}>
      <p>{said}</p>
      {problem?.hint ? <p>{problem.hint}</p> : null}
      {problem?.parts.map((part) => (
        <p key={part.pointer}>
          <code>{part.pointer}</code> {part.message}
        </p>
      ))}
      {problem?.request ? (
        <p>
          {text.failed.request} <code>{problem.request}</code>
        </p>
      ) : null}
    </Wrong>
  );
}

export function Broken({ error, reset }: ErrorComponentProps) {
  return <Failed error={error} again={reset} />;
}

export function Missing() {
  const text = useText("shell");
  return (
    <>
      <h1>{text.shell.missing}</h1>
      <p>
        <Link to="/">{text.common.nav.overview}</Link>
      </p>
    </>
  );
}
