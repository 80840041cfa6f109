import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Button } from "../design/Button";
import { Dialog } from "../design/Dialog";
import { Field } from "../design/Field";
import { useText } from "../i18n/text";
import { saidOf } from "../server/calls";
import styles from "./Ask.module.css";
import { Failed } from "./Broken";

interface Props<T> {
  title: string;
  /** What it does, and what it leaves alone. */
  effect: ReactNode;
  /** What the button says that does it. */
  verb: string;
  grave?: boolean;
  /** What is asked for instead of a reason; `null`: nothing. */
  said?: { label: string; hint: string } | null;
  /** What else is asked for, told what went wrong so far. */
  children?: ReactNode | ((error: unknown) => ReactNode);
  /** Parts of what is sent at whose fields it is said what is wrong with them. */
  parts?: readonly string[];
  /** Why it cannot be done as it stands. */
  refused?: string | undefined;
  /** Whether it is known what it will do. */
  ready?: boolean;
  act: (reason: string) => Promise<T>;
  done?: (answer: T) => void;
  onClose: () => void;
}

const NO_PARTS: readonly string[] = [];

/** Says what will happen, asks why, and does it. */
export function Ask<T>({ title, effect, verb, grave = false, said, children, parts = NO_PARTS, refused, ready = true, act, done, onClose }: Props<T>) {
  const text = useText().common;
  const [reason, setReason] = useState("");
  const doing = useMutation({
    mutationFn: () => act(reason),
    onSuccess: (answer) => {
      onClose();
      done?.(answer);
    },
  });
  return (
    <Dialog title={title} onClose={onClose} closeText={text.close}>
      <div className={styles.effect}>{effect}</div>
      <Form onSubmit={() => (refused === undefined && ready ? doing.mutate() : undefined)}>
        {typeof children === "function" ? children(doing.error) : children}
        {said === null ? null : (
          <Field
            label={`${said?.label ?? text.reason} (${text.optional})`}
            hint={said?.hint ?? text.reasonWhy}
            value={reason}
            maxLength={1000}
            onChange={(event) => setReason(event.target.value)}
          />
        )}
        {doing.error && !saidOf(doing.error, parts) ? <Failed error={doing.error} doing={verb} /> : null}
        <Buttons>
          <Button kind={grave ? "grave" : "main"} type="submit" refused={refused} disabled={doing.isPending || !ready}>
            {verb}
          </Button>
          <Button onClick={onClose}>{text.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}

/** Fields one below the other; sending it never leaves the page. */
export function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      className={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      {children}
    </form>
  );
}

/** The buttons below a form. */
export function Buttons({ children }: { children: ReactNode }) {
  return <div className={styles.buttons}>{children}</div>;
}

/** Fields beside each other where there is room. */
export function Row({ children }: { children: ReactNode }) {
  return <div className={styles.row}>{children}</div>;
}

/** Fields that belong together, under a name. */
export function Group({ name, children }: { name: string; children: ReactNode }) {
  return (
    <fieldset className={styles.group}>
      <legend>{name}</legend>
      {children}
    </fieldset>
  );
}
