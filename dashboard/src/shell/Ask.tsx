import { useMutation } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Button } from "../design/Button";
import { Dialog } from "../design/Dialog";
import { Field } from "../design/Field";
import { useText } from "../i18n/text";
import styles from "./Ask.module.css";
import { Failed } from "./Broken";

interface Props {
  title: string;
  /** What it does, and what it leaves alone. */
  effect: ReactNode;
  /** What the button says that does it. */
  verb: string;
  grave?: boolean;
  /** What is asked for instead of a reason. */
  said?: { label: string; hint: string };
  act: (reason: string) => Promise<unknown>;
  done?: () => void;
  onClose: () => void;
}

/** Says what will happen, asks why, and does it. */
export function Ask({ title, effect, verb, grave = false, said, act, done, onClose }: Props) {
  const text = useText().common;
  const [reason, setReason] = useState("");
  const doing = useMutation({
    mutationFn: () => act(reason),
    onSuccess: () => {
      onClose();
      done?.();
    },
  });
  return (
    <Dialog title={title} onClose={onClose} closeText={text.close}>
      <div className={styles.effect}>{effect}</div>
      <Form onSubmit={() => doing.mutate()}>
        <Field
          label={`${said?.label ?? text.reason} (${text.optional})`}
          hint={said?.hint ?? text.reasonWhy}
          value={reason}
          maxLength={1000}
          onChange={(event) => setReason(event.target.value)}
        />
        {doing.error ? <Failed error={doing.error} /> : null}
        <div className={styles.buttons}>
          <Button kind={grave ? "grave" : "main"} type="submit" disabled={doing.isPending}>
            {verb}
          </Button>
          <Button onClick={onClose}>{text.cancel}</Button>
        </div>
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
