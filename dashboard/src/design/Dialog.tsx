import { useEffect, useId, useRef, type ReactNode } from "react";

import { Button } from "./Button";
import styles from "./Dialog.module.css";
import { visible } from "./visible";

interface Props {
  title: string;
  onClose: () => void;
  closeText: string;
  wide?: boolean;
  children: ReactNode;
}

/** Asks for all attention; the browser itself keeps the focus inside and gives it back. */
export function Dialog({ title, onClose, closeText, wide = false, children }: Props) {
  const element = useRef<HTMLDialogElement>(null);
  const name = useId();
  useEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // The browser would begin with the button that closes it.
    const first = dialog?.querySelector<HTMLElement>("[data-first]") ?? dialog?.querySelector<HTMLElement>("input, select, textarea");
    first?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={element}
      className={wide ? `${styles.dialog} ${styles.wide}` : styles.dialog}
      aria-labelledby={name}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className={styles.inside}>
        <header className={styles.head}>
          <h2 id={name}>{visible(title)}</h2>
          <Button kind="bare" aria-label={closeText} title={closeText} onClick={onClose}>
            ✕
          </Button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
