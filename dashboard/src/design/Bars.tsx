import styles from "./Bars.module.css";

export interface Bar {
  /** Beginning of its stretch of time, in milliseconds. */
  at: number;
  count: number;
  /** What it says of itself where one points at it. */
  said: string;
}

/** So many stretches of time up to the last one; those that are not told have nothing in them. */
export function stretched(
  told: readonly { at: string; count: number }[],
  { last, step, most }: { last: number; step: number; most: number },
): { at: number; count: number }[] {
  const end = last - (last % step);
  const counts = new Map<number, number>();
  for (const each of told) {
    const at = Date.parse(each.at);
    const place = at - (at % step);
    counts.set(place, (counts.get(place) ?? 0) + each.count);
  }
  return Array.from({ length: most }, (_, number) => {
    const at = end - (most - 1 - number) * step;
    return { at, count: counts.get(at) ?? 0 };
  });
}

/** How often something happened, stretch by stretch; what it shows is said in `name`, too. */
export function Bars({ bars, name, tall = false }: { bars: readonly Bar[]; name: string; tall?: boolean }) {
  const most = Math.max(1, ...bars.map((bar) => bar.count));
  return (
    <svg
      className={tall ? styles.tall : styles.spark}
      viewBox={`0 0 ${bars.length} 100`}
      preserveAspectRatio="none"
      role="img"
      aria-label={name}
    >
      <path d={`M0 99.5H${bars.length}`} className={styles.ground} />
      {bars.map((bar, at) =>
        bar.count ? (
          // What happened once is seen beside what happened a thousand times.
          <rect key={bar.at} x={at + 0.1} width={0.8} y={100 - height(bar.count, most)} height={height(bar.count, most)}>
            <title>{bar.said}</title>
          </rect>
        ) : null,
      )}
    </svg>
  );
}

function height(count: number, most: number): number {
  return Math.max(8, (100 * count) / most);
}
