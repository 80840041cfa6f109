import { Button } from "../../design/Button";
import { copy } from "../../design/copy";
import { Said } from "../../design/Said";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import { faultSaid, type Job } from "../../server/jobs";
import styles from "./Fault.module.css";
import { shortly, taken, type Frame } from "./trace";

/** What an attempt failed with: its own code first, what libraries did folded away. */
export function Fault({ error }: { error: NonNullable<Job["error"]> }) {
  const text = useText("jobs").jobs;
  const pieces = taken(error.traceback);
  const said = faultSaid(error);
  return (
    <div className={styles.fault}>
      <strong>
        <bdi>{said}</bdi>
      </strong>
      {pieces.map((piece, number) =>
        piece.kind === "text" ? (
          visible(piece.text).trim() === said.trim() ? null : (
            <pre key={number}>{visible(piece.text)}</pre>
          )
        ) : piece.kind === "library" ? (
          <details key={number}>
            <summary>{text.frames(piece.frames.length)}</summary>
            <Frames frames={piece.frames} />
          </details>
        ) : (
          <Frames key={number} frames={piece.frames} own />
        ),
      )}
      {error.traceback ? (
        <Button kind="bare" onClick={() => void copy(error.traceback)}>
          {text.copyError}
        </Button>
      ) : null}
    </div>
  );
}

function Frames({ frames, own = false }: { frames: readonly Frame[]; own?: boolean }) {
  return (
    <ol className={own ? styles.own : styles.frames}>
      {frames.map((frame) => (
        <li key={`${frame.file}:${frame.line}:${frame.name}`}>
          <code title={visible(frame.file)}>
            {visible(shortly(frame.file))}:{frame.line}
          </code>{" "}
          <Said>{frame.name}</Said>
          {frame.code.length ? (
            <pre>{visible(frame.code.join("\n"))}</pre>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
