import type { ReactNode } from "react";

import { useText } from "../../i18n/text";
import type { Severity as Grave } from "../../server/alerts";

const SHAPES: Record<Grave, [colour: string, shape: ReactNode]> = {
  info: ["waiting", <circle key="i" cx="7" cy="7" r="4.6" fill="none" strokeWidth="2.2" />],
  warning: ["retrying", <path key="w" d="M7 1.6 13 12.4H1Z" stroke="none" />],
  critical: ["failed", <path key="c" d="M2.4 2.4 11.6 11.6M11.6 2.4 2.4 11.6" strokeWidth="3" fill="none" />],
};

/** How grave it is: a mark, its shape first, and its word. */
export function Severity({ of, bare = false }: { of: Grave; bare?: boolean }) {
  const name = useText("alerts").alerts.severities[of];
  const [colour, shape] = SHAPES[of];
  return (
    <>
      <svg
        className="mark"
        viewBox="0 0 14 14"
        width="14"
        height="14"
        fill={`var(--${colour})`}
        stroke={`var(--${colour})`}
        {...(bare ? { role: "img", "aria-label": name } : { "aria-hidden": true })}
      >
        {shape}
      </svg>
      {bare ? null : ` ${name}`}
    </>
  );
}
