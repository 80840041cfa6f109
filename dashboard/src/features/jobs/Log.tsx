import { useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";

import { Section } from "../../design/Page";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { logQuery } from "../../server/jobs";
import styles from "./Log.module.css";

/** What a job has said; it follows the end until somebody scrolls up. */
export function Log({ id }: { id: string }) {
  const text = useText().jobs;
  const { data } = useQuery(logQuery(id));
  const frame = useRef<HTMLDivElement>(null);
  const [follows, follow] = useState(true);
  const lines = data?.lines ?? [];
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => frame.current,
    estimateSize: () => 22,
    overscan: 20,
  });
  useEffect(() => {
    if (follows && lines.length) rows.scrollToIndex(lines.length - 1, { align: "end" });
  }, [follows, lines.length, rows]);
  return (
    <Section title={text.log} aside={lines.length ? String(lines.length) : undefined}>
      {data?.masked ? <p>{text.masked}</p> : null}
      {data && !data.masked && lines.length === 0 ? <p>{text.logEmpty}</p> : null}
      {lines.length ? (
        <div
          ref={frame}
          role="log"
          aria-label={text.log}
          tabIndex={0}
          className={styles.frame}
          onScroll={(event) => {
            const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
            follow(scrollHeight - scrollTop - clientHeight < 30);
          }}
        >
          <div style={{ height: rows.getTotalSize(), position: "relative" }}>
            {rows.getVirtualItems().map((row) => {
              const line = lines[row.index];
              if (!line) return null;
              return (
                <div
                  key={row.key}
                  ref={rows.measureElement}
                  data-index={row.index}
                  data-level={line.level}
                  className={styles.line}
                  style={{ transform: `translateY(${row.start}px)` }}
                >
                  <Time at={line.at} only="clock" />
                  <span>{line.level}</span>
                  <span className={styles.said}>
                    {line.message}
                    {Object.entries(line.fields).map(([name, value]) => (
                      <small key={name}>
                        {" "}
                        {name}={JSON.stringify(value)}
                      </small>
                    ))}
                  </span>
                </div>
              );
            })}
          </div>
        </div>
      ) : null}
    </Section>
  );
}
