import { useRef, type ReactNode } from "react";

import { Button } from "../../../design/Button";
import { useText } from "../../../i18n/text";
import { useMay } from "../../../server/session";
import styles from "./Form.module.css";

interface Props {
  /** What sending it does. */
  name: string;
  busy: boolean;
  unsound: boolean;
  /** Sends it, or answers that something is wrong with it. */
  onSubmit: () => boolean;
  children: ReactNode;
}

/** A form around a schedule: Ctrl and Enter send it, and what is wrong is gone to. */
export function Frame({ name, busy, unsound, onSubmit, children }: Props) {
  const text = useText("schedules");
  const form = useRef<HTMLFormElement>(null);
  const refused = useMay("schedules.change") ? undefined : text.common.failed.forbidden("operator");
  const submit = () => {
    if (busy || refused || onSubmit()) return;
    requestAnimationFrame(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
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
        {unsound ? <p role="alert">{text.schedules.form.fix}</p> : null}
        <Button kind="main" type="submit" refused={refused} disabled={busy}>
          {name} <kbd aria-hidden>Ctrl ↵</kbd>
        </Button>
      </div>
    </form>
  );
}
