/** The mark of a state: its shape is the first signal, its colour the second. */

import type { ReactNode } from "react";

import type { State } from "./states";

const SHAPES: Record<State, ReactNode> = {
  scheduled: <path d="M7 1.2 12.8 7 7 12.8 1.2 7Z" fill="none" strokeWidth="1.8" />,
  blocked: <path d="M2 2h10v10H2z M5 7h4" fill="none" strokeWidth="1.8" />,
  waiting: <circle cx="7" cy="7" r="4.6" fill="none" strokeWidth="2.2" />,
  running: (
    <>
      <circle cx="7" cy="7" r="6" fill="none" strokeWidth="1.4" />
      <circle cx="7" cy="7" r="3.2" stroke="none" />
    </>
  ),
  retrying: <path d="M7 1.6 13 12.4H1Z" stroke="none" />,
  completed: (
    <>
      <path d="M2 2h10v10H2z" stroke="none" />
      <path d="m4.2 7.2 2 2 3.6-4.2" stroke="var(--paper)" fill="none" strokeWidth="1.6" />
    </>
  ),
  failed: <path d="M2.4 2.4 11.6 11.6M11.6 2.4 2.4 11.6" strokeWidth="3" fill="none" />,
  cancelled: <path d="M1.5 7h11" strokeWidth="3.2" fill="none" />,
};

/** Draws a state; beside its word it needs no name of its own. */
export function Mark({ state, name }: { state: State; name?: string }) {
  return (
    <svg
      className="mark"
      viewBox="0 0 14 14"
      width="14"
      height="14"
      fill={`var(--${state})`}
      stroke={`var(--${state})`}
      {...(name ? { role: "img", "aria-label": name } : { "aria-hidden": true })}
    >
      {SHAPES[state]}
    </svg>
  );
}
