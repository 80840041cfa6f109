import { useState } from "react";

import { useText } from "../i18n/text";
import { Button } from "./Button";
import { copy } from "./copy";
import styles from "./Secret.module.css";

/** Something that is shown this once, with a way to take it along. */
export function Secret({ name, value }: { name: string; value: string }) {
  const text = useText().common;
  const [copied, setCopied] = useState(false);
  return (
    <div className={styles.secret}>
      <output aria-label={name} className={styles.value}>
        {value}
      </output>
      <Button onClick={() => void copy(value).then(() => setCopied(true))}>{copied ? text.copied : text.copy}</Button>
    </div>
  );
}
