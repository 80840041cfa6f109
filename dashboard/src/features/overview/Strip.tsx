import { Link } from "@tanstack/react-router";

import { Mark } from "../../design/Mark";
import { STATES, type State } from "../../design/states";
import { useText } from "../../i18n/text";
import type { Figures } from "../../server/figures";
import type { Queue } from "../../server/queues";
import styles from "./Overview.module.css";

interface Props {
  queues: readonly Queue[];
  day: Figures | undefined;
  dead: { count: number; more: boolean } | undefined;
}

const DAY = ["completed", "failed", "cancelled"] as const;

/** How many jobs are in each state; finished ones are those of the last day. */
export function Strip({ queues, day, dead }: Props) {
  const text = useText("overview");
  const { count } = text.common;
  const of = (state: State): string => {
    if (state === "failed") return dead ? `${count(dead.count)}${dead.more ? "+" : ""}` : "…";
    if (state === "completed" || state === "cancelled") return day ? count(day.endings[state] ?? 0) : "…";
    return count(queues.reduce((sum, queue) => sum + queue.counts[state], 0));
  };
  return (
    <ul className={styles.strip} aria-label={text.overview.strip}>
      {STATES.map((state) => {
        const ofDay = (DAY as readonly State[]).includes(state);
        return (
          <li key={state}>
            <Link to="/jobs" search={{ state: [state], ...(ofDay ? { from: "-24h" } : {}) }}>
              <Mark state={state} /> <span>{text.common.states[state]}</span> <b>{of(state)}</b>
              {ofDay ? <small>{text.overview.inDay}</small> : null}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
