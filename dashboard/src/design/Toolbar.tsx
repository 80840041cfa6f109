import type { ReactNode } from "react";

import styles from "./Toolbar.module.css";

/** What can be done to rows that are chosen; it stays in sight while some are. */
export function Toolbar({ name, any, said, children }: { name: string; any: boolean; said: string; children: ReactNode }) {
  return (
    <div className={styles.acts} role="toolbar" aria-label={name} data-any={any}>
      <span role="status">{said}</span>
      {children}
    </div>
  );
}
