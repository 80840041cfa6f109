import { Link } from "@tanstack/react-router";

import { useText } from "../i18n/text";
import styles from "./Layout.module.css";

export function Brand() {
  return (
    <Link to="/" className={styles.brand}>
      <svg width="26" height="26" viewBox="0 0 26 26" aria-hidden>
        <circle cx="13" cy="13" r="11.5" fill="none" stroke="currentColor" strokeWidth="1.6" />
        <path
          d="M13 1.5v23M1.5 13h23M4.9 4.9l16.2 16.2M21.1 4.9 4.9 21.1"
          stroke="currentColor"
          strokeWidth="1.1"
          opacity=".45"
        />
        <path d="M2.2 15c3.6-3.4 7.2-3.4 10.8 0s7.2 3.4 10.8 0A11.5 11.5 0 0 1 2.2 15Z" fill="var(--accent)" />
      </svg>
      {useText().common.product}
    </Link>
  );
}
