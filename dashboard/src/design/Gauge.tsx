import styles from "./Gauge.module.css";

interface Props {
  value: number;
  /** Where a mark stands: what is usual, or as much as is well. */
  mark?: number | undefined;
  /** The end of the scale; without one it leaves room beyond the mark and the value. */
  most?: number | undefined;
  /** Too much: told by a pattern as well as a colour. */
  over?: boolean;
  /** What it says, in words. */
  name: string;
}

/** How full something is, against what is usual. */
export function Gauge({ value, mark, most, over = false, name }: Props) {
  const end = most ?? Math.max(value * 1.1, (mark ?? 0) * 2, 10);
  const share = (of: number) => `${Math.min(100, Math.max(0, (of / end) * 100))}%`;
  return (
    <span role="img" aria-label={name} title={name} className={styles.gauge} data-over={over}>
      <span className={styles.full} style={{ inlineSize: share(value) }} />
      {mark === undefined ? null : <span className={styles.mark} style={{ insetInlineStart: share(mark) }} />}
    </span>
  );
}
