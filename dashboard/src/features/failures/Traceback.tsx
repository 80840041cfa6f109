import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import { folded } from "./folded";
import styles from "./Detail.module.css";

/** Where it happened; frames of libraries are folded away. */
export function Traceback({ traceback }: { traceback: string }) {
  const text = useText("failures").failures;
  return (
    <div className={styles.trace} tabIndex={0} role="region" aria-label={text.traceback}>
      {folded(traceback).map((part, at) =>
        part.library ? (
          <details key={at}>
            <summary>{text.library(part.library)}</summary>
            <pre>{visible(part.text)}</pre>
          </details>
        ) : (
          <pre key={at}>{visible(part.text)}</pre>
        ),
      )}
    </div>
  );
}
