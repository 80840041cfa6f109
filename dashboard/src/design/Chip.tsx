import type { ReactNode } from "react";

import styles from "./Chip.module.css";

/** Something that a list is narrowed by, and a button that leaves it out. */
export function Chip({ drop, onDrop, children }: { drop: string; onDrop: () => void; children: ReactNode }) {
  return (
    <span className={styles.chip}>
      {children}
      <button type="button" aria-label={drop} title={drop} onClick={onDrop}>
        ✕
      </button>
    </span>
  );
}
