import { Link, type ErrorComponentProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Button } from "../design/Button";
import { Wrong } from "../design/Notice";
import { Head } from "../design/Page";
import { Said } from "../design/Said";
import { visible } from "../design/visible";
import { useText } from "../i18n/text";
import { Problem } from "../server/http";
import styles from "./Broken.module.css";

interface Props {
  error: unknown;
  again?: () => void;
  /** What was to be done, as its button says it; without: something was to be shown. */
  doing?: string | undefined;
}

/** What went wrong with a request or a page, what to do about it, and the request's id. */
export function Failed({ error, again, doing }: Props) {
  const text = useText().common;
  const words = text.failed;
  const problem = error instanceof Problem ? error : undefined;
  const isLost = error instanceof TypeError;
  const advice =
    problem?.status === 404
      ? words.gone
      : problem?.status === 409 || problem?.status === 412
        ? words.changed
        : problem?.status === 429
          ? words.throttled(problem.wait ?? 1)
          : undefined;
  const title = doing === undefined ? words.title : isLost ? words.unknown(doing) : words.undone(doing);
  return (
    <Wrong title={title} action={again ? <Button onClick={again}>{text.again}</Button> : undefined}>
      <p>{isLost ? (doing === undefined ? words.unreachable : words.unanswered) : <Said>{problem ? problem.message : String(error)}</Said>}</p>
      {advice ? <p>{advice}</p> : null}
      {problem?.hint ? (
        <p>
          <Said>{problem.hint}</Said>
        </p>
      ) : null}
      {problem?.parts.map((part) => (
        <p key={part.pointer}>
          <code>{visible(part.pointer)}</code> <Said>{part.message}</Said>
        </p>
      ))}
      {problem?.request ? (
        <p>
          {words.request} <code>{problem.request}</code>
        </p>
      ) : null}
    </Wrong>
  );
}

/** A page of which nothing can be shown; it still says what it is. */
export function Unshown({ title, before, ...failed }: { title: string; before?: ReactNode } & Omit<Props, "doing">) {
  return (
    <>
      <Head title={title} before={before} />
      <Failed {...failed} />
    </>
  );
}

/** In place of a page that broke; what stands around it stays. */
export function Broken({ error, reset }: ErrorComponentProps) {
  return <Unshown title={useText().common.failed.title} error={error} again={reset} />;
}

/** In place of everything. */
export function Wrecked(props: ErrorComponentProps) {
  return (
    <main className={styles.alone}>
      <Broken {...props} />
    </main>
  );
}

export function Missing() {
  const text = useText("shell");
  return (
    <main className={styles.alone}>
      <h1>{text.shell.missing}</h1>
      <p>
        <Link to="/">{text.common.nav.overview}</Link>
      </p>
    </main>
  );
}
