import type { ReactNode } from "react";

import styles from "./Notice.module.css";

/** Land: something that needs a person. Where no such box is, nothing needs you. */
export function Land({ children, title, aside }: { children: ReactNode; title: string; aside?: ReactNode }) {
  return (
    <section className={styles.land}>
      <h2 className={styles.head}>
        <span>{title}</span>
        {aside === undefined ? null : <small>{aside}</small>}
      </h2>
      {children}
    </section>
  );
}

/** What is said where a list or a panel has nothing to show. */
export function Nothing({ children, more }: { children: ReactNode; more?: ReactNode }) {
  return (
    <div className={styles.nothing}>
      <p>{children}</p>
      {more}
    </div>
  );
}

/** What went wrong, in words, and a way on. */
export function Wrong({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={styles.wrong} role="alert">
      <strong>{title}</strong>
      <div>{children}</div>
      {action}
    </div>
  );
}

/** The shape of what will stand here, while it is fetched. */
export function Skeleton({ rows = 8, name }: { rows?: number; name: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={name}>
      {Array.from({ length: rows }, (_, number) => (
        <i key={number} />
      ))}
    </div>
  );
}
