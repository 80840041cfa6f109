import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { memo, useEffect, useMemo, useRef, useState } from "react";

import { Button } from "../../design/Button";
import { Choice, Field } from "../../design/Field";
import { Section } from "../../design/Page";
import { Time } from "../../design/Time";
import { Said } from "../../design/Said";
import { useText } from "../../i18n/text";
import { logQuery } from "../../server/jobs";
import { LEVELS, type JobSeen } from "../../server/seen";
import { save } from "./export";
import styles from "./Log.module.css";
import { meantBy, numbered, written, type Line } from "./lines";
import { Message } from "./Message";

interface Props {
  id: string;
  seen?: JobSeen;
  go?: (next: JobSeen) => void;
  /** Only so many of the last lines, without anything to narrow them by. */
  last?: number;
}

/** What a job has said; it follows the end until somebody scrolls up. */
export function Log({ id, seen = {}, go, last }: Props) {
  const text = useText("jobs").jobs;
  const { data } = useQuery(logQuery(id));
  const all = useMemo(() => numbered(data?.lines ?? []), [data]);
  const lines = useMemo(() => (last === undefined ? meantBy(all, seen) : all.slice(-last)), [all, seen, last]);
  const whole = data?.lines.length ?? 0;
  return (
    <Section title={text.log} aside={whole ? String(whole) : undefined}>
      {data?.masked ? <p>{text.masked}</p> : null}
      {data && !data.masked && whole === 0 ? <p>{text.logEmpty}</p> : null}
      {go && whole ? <Narrow seen={seen} go={go} download={() => save(new Blob([written(data?.lines ?? [])], { type: "text/plain" }), `${id}.log`)} /> : null}
      {whole && lines.length === 0 ? <p>{text.noLine}</p> : null}
      {lines.length ? <Lines lines={lines} line={seen.line} {...(go ? { onLine: (line: number) => go({ ...seen, line }) } : {})} /> : null}
    </Section>
  );
}

function Narrow({ seen, go, download }: { seen: JobSeen; go: (next: JobSeen) => void; download: () => void }) {
  const text = useText("jobs").jobs;
  return (
    <div className={styles.narrow}>
      <Choice
        label={text.level}
        value={seen.level ?? ""}
        options={[["", text.anyLevel], ...LEVELS.map((each) => [each, `≥ ${each}`] as const)]}
        onChange={(event) => go({ ...seen, level: LEVELS.find((each) => each === event.target.value) })}
      />
      <Field label={text.find} type="search" value={seen.find ?? ""} onChange={(event) => go({ ...seen, find: event.target.value || undefined })} />
      <Button onClick={download}>{text.download}</Button>
    </div>
  );
}

function Lines({ lines, line, onLine }: { lines: readonly Line[]; line: number | undefined; onLine?: (line: number) => void }) {
  const text = useText("jobs").jobs;
  const frame = useRef<HTMLDivElement>(null);
  const [follows, follow] = useState(line === undefined);
  const [seenTo, see] = useState(lines.length);
  const rows = useVirtualizer({ count: lines.length, getScrollElement: () => frame.current, estimateSize: () => 22, overscan: 8 });
  useEffect(() => {
    if (!follows) return;
    rows.scrollToIndex(lines.length - 1, { align: "end" });
    see(lines.length);
  }, [follows, lines.length, rows]);
  const wanted = line === undefined ? -1 : lines.findIndex((each) => each.number === line);
  useEffect(() => {
    if (wanted >= 0) rows.scrollToIndex(wanted, { align: "center" });
  }, [wanted, rows]);
  const fresh = Math.max(0, lines.length - seenTo);
  return (
    <>
      <div
        ref={frame}
        role="log"
        aria-label={text.log}
        aria-live="off"
        tabIndex={0}
        className={styles.frame}
        onScroll={(event) => {
          const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
          follow(scrollHeight - scrollTop - clientHeight < 30);
        }}
      >
        <div style={{ height: rows.getTotalSize(), position: "relative" }}>
          {rows.getVirtualItems().map((row) => {
            const each = lines[row.index];
            if (!each) return null;
            return (
              <OneLine
                key={row.key}
                line={each}
                index={row.index}
                start={row.start}
                isHere={each.number === line}
                measure={rows.measureElement}
                onLine={onLine}
              />
            );
          })}
        </div>
      </div>
      <p className={styles.foot}>
        {follows ? <small>{text.follows}</small> : <Button onClick={() => follow(true)}>{fresh ? text.newLines(fresh) : text.follow}</Button>}
      </p>
    </>
  );
}

interface LineProps {
  line: Line;
  index: number;
  /** How far down it begins, in pixels. */
  start: number;
  isHere: boolean;
  measure: (element: HTMLElement | null) => void;
  onLine: ((line: number) => void) | undefined;
}

/** Drawn once while it is in sight: whoever scrolls has new lines drawn, and no others. */
const OneLine = memo(function OneLine({ line, index, start, isHere, measure, onLine }: LineProps) {
  const text = useText("jobs").jobs;
  return (
    <div
      ref={measure}
      data-index={index}
      data-level={line.level}
      data-here={isHere}
      className={styles.line}
      style={{ transform: `translateY(${start}px)` }}
    >
      {onLine ? (
        <button type="button" className={styles.number} aria-label={text.lineLink(line.number)} title={text.lineLink(line.number)} onClick={() => onLine(line.number)}>
          {line.number}
        </button>
      ) : (
        <span className={styles.number}>{line.number}</span>
      )}
      <Time at={line.at} only="clock" />
      <span>{line.level}</span>
      <span className={styles.said}>
        <Message>{line.message}</Message>
        {Object.entries(line.fields).map(([name, value]) => (
          <small key={name}>
            {" "}
            <Said>{`${name}=${JSON.stringify(value)}`}</Said>
          </small>
        ))}
      </span>
    </div>
  );
});
