import { useText } from "../i18n/text";
import { Button } from "./Button";
import styles from "./Pages.module.css";

/** The way to older rows, and back to the newest; each where there is one. */
export function Pages({ newest, older }: { newest: (() => void) | undefined; older: (() => void) | undefined }) {
  const text = useText().common;
  return (
    <nav aria-label={text.pages} className={styles.pages}>
      {newest ? <Button onClick={newest}>{text.newest}</Button> : null}
      {older ? <Button onClick={older}>{text.older}</Button> : <small>{text.pageEnd}</small>}
    </nav>
  );
}
