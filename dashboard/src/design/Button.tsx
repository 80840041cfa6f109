import type { ButtonHTMLAttributes, ReactNode } from "react";

import styles from "./Button.module.css";

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  /** `main` is what the page is for, one at most; `grave` cannot be undone. */
  kind?: "main" | "plain" | "grave" | "bare";
  /** Why it cannot be pressed now; said to whoever wonders. */
  refused?: string | undefined;
  children: ReactNode;
}

/** Does something; one that may not be pressed stays in reach and says why. */
export function Button({ kind = "plain", refused, children, onClick, type = "button", ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      className={[styles.button, styles[kind], rest.className].filter(Boolean).join(" ")}
      {...(refused
        ? { "aria-disabled": true, title: refused, onClick: (event) => event.preventDefault() }
        : onClick
          ? { onClick }
          : {})}
    >
      {children}
      {refused ? <span className="hidden">: {refused}</span> : null}
    </button>
  );
}
