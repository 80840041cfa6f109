import { useRef, type ReactNode } from "react";

import { Button } from "../../design/Button";
import { Skeleton } from "../../design/Notice";
import { useText } from "../../i18n/text";
import styles from "./Frame.module.css";

interface Props {
  /** What sending it does. */
  name: string;
  /** Why it may not be sent. */
  refused: string | undefined;
  busy: boolean;
  /** Whether what it is made of is still fetched: what stands would move when that comes. */
  waits?: boolean;
  unsound: boolean;
  /** Sends it, or answers that something is wrong with it. */
  onSubmit: () => boolean;
  /** What stands beside the button that sends it. */
  beside?: ReactNode;
  children: ReactNode;
}

/** A long form: Ctrl and Enter send it, and what is wrong is gone to. */
export function Frame({ name, refused, busy, waits = false, unsound, onSubmit, beside, children }: Props) {
  const text = useText("call");
  const form = useRef<HTMLFormElement>(null);
  const submit = () => {
    if (busy || refused || onSubmit()) return;
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  if (waits) return <Skeleton name={text.common.loading} />;
  return (
    <form
      ref={form}
      noValidate
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        submit();
      }}
    >
      {children}
      <div className={styles.end}>
        {unsound ? <p role="alert">{text.call.new.fix}</p> : null}
        <Button kind="main" type="submit" refused={refused} disabled={busy}>
          {name} <kbd aria-hidden>Ctrl ↵</kbd>
        </Button>
        {beside}
      </div>
    </form>
  );
}
