import { useEffect, type ReactNode } from "react";

import styles from "./Page.module.css";
import { visible } from "./visible";

interface Props {
  /** What the page has to say, in a sentence or a word. */
  title: string;
  /** The mark or the path before it. */
  before?: ReactNode;
  /** Sentences below it. */
  lede?: ReactNode;
  acts?: ReactNode;
}

/** The head of a page: it speaks first. */
export function Head({ title: said, before, lede, acts }: Props) {
  const title = visible(said);
  useEffect(() => {
    document.title = `${title} · tidemill`;
  }, [title]);
  return (
    <header className={styles.head}>
      <div>
        {before}
        <h1>{title}</h1>
        {lede ? <div className={styles.lede}>{lede}</div> : null}
      </div>
      {acts ? <div className={styles.acts}>{acts}</div> : null}
    </header>
  );
}

/** A page with something at its side. */
export function Beside({ children, aside, name }: { children: ReactNode; aside: ReactNode; name: string }) {
  return (
    <div className={styles.beside}>
      <div>{children}</div>
      <aside aria-label={name}>{aside}</aside>
    </div>
  );
}

/** A part of a page, under a heading. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2>
        <span>{title}</span>
        {aside ? <small>{aside}</small> : null}
      </h2>
      {children}
    </section>
  );
}
