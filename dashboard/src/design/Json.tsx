import { useText } from "../i18n/text";
import { Button } from "./Button";
import { copy } from "./copy";
import styles from "./Json.module.css";
import { isWritten, plain } from "./plain";
import { visible } from "./visible";

/** A JSON value, folded where it is deep; nothing in it is ever taken for more than text. */
export function Json({ value, name }: { value: unknown; name: string }) {
  const text = useText().common;
  return (
    <div className={styles.json}>
      <Button kind="bare" className={styles.copy} onClick={() => void copy(plain(value))}>
        {text.copy}
      </Button>
      <div tabIndex={0} role="region" aria-label={name} className={styles.scroll}>
        <Value value={value} depth={0} />
      </div>
    </div>
  );
}

function Value({ value, depth }: { value: unknown; depth: number }) {
  if (value === null || typeof value === "boolean") return <b className={styles.word}>{String(value)}</b>;
  if (typeof value === "number") return <span className={styles.number}>{value}</span>;
  if (typeof value === "string") return <span className={styles.string}>{visible(JSON.stringify(value))}</span>;
  if (isWritten(value)) return <span className={styles.number}>{value.written}</span>;
  const isList = Array.isArray(value);
  const parts = isList ? value.map((each, at) => [String(at), each] as const) : Object.entries(value as object);
  if (parts.length === 0) return <span>{isList ? "[]" : "{}"}</span>;
  return (
    <details open={depth < 2 && parts.length <= 100} className={styles.part}>
      <summary>
        {isList ? "[" : "{"}
        <small> {parts.length} </small>
        {isList ? "]" : "}"}
      </summary>
      <ul>
        {parts.slice(0, 1_000).map(([key, each]) => (
          <li key={key}>
            <span className={styles.key}>{visible(key)}</span>: <Value value={each} depth={depth + 1} />
          </li>
        ))}
        {parts.length > 1_000 ? <li>… {parts.length - 1_000}</li> : null}
      </ul>
    </details>
  );
}
