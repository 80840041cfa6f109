import { Link, type LinkProps } from "@tanstack/react-router";
import type { ReactNode } from "react";

import { Mark } from "../../design/Mark";
import type { State } from "../../design/states";
import { Land } from "../../design/Notice";
import { Time } from "../../design/Time";
import { Said } from "../../design/Said";
import { useText } from "../../i18n/text";
import { person } from "../../server/names";
import type { Hand } from "./needs";
import styles from "./Overview.module.css";

interface Shown {
  key: string;
  mark: State;
  title: string;
  why: ReactNode;
  go: string;
  to: LinkProps;
}

/** What needs a person; where nothing does, there is no box. */
export function Hands({ hands }: { hands: readonly Hand[] }) {
  const text = useText("dead", "overview", "queues");
  const show = useShown();
  if (hands.length === 0) return <p className={styles.calm}>{text.overview.hands.nothing}</p>;
  return (
    <Land title={text.overview.hands.title} aside={text.common.count(hands.length)}>
      <ul className={styles.hands}>
        {hands.map(show).map((hand) => (
          <li key={hand.key}>
            <Mark state={hand.mark} />
            <strong>{hand.title}</strong>
            <Link {...hand.to} className={styles.go} aria-label={`${hand.go}: ${hand.title}`}>
              {hand.go}
            </Link>
            <p>{hand.why}</p>
          </li>
        ))}
      </ul>
    </Land>
  );
}

function useShown(): (hand: Hand) => Shown {
  const all = useText("dead", "overview", "queues");
  const text = all.overview.hands;
  const queue = (name: string): LinkProps => ({ to: "/queues/$queue", params: { queue: name } }) as LinkProps;
  return (hand) => {
    switch (hand.kind) {
      case "incident":
        return { key: hand.id, mark: "failed", title: hand.text, why: <Time at={hand.since} />, go: text.incident, to: { to: "/alerts" } };
      case "unheard":
        return {
          key: `unheard ${hand.queue}`,
          mark: "blocked",
          title: text.unheard(hand.queue),
          why: text.unheardWhy(hand.waiting),
          go: text.unheardGo,
          to: queue(hand.queue),
        };
      case "failing":
        return {
          key: `failing ${hand.task}`,
          mark: "failed",
          title: text.failing(hand.task),
          why: text.failingWhy(hand.failed, hand.of),
          go: text.failingGo,
          to: { to: "/jobs", search: { task: [hand.task], state: ["retrying", "failed"] } } as LinkProps,
        };
      case "late":
        return {
          key: `late ${hand.queue}`,
          mark: "waiting",
          title: text.late(hand.queue),
          why: (
            <>
              {text.lateWhy} <Time at={hand.since} />
            </>
          ),
          go: text.lateGo,
          to: { to: "/jobs", search: { queue: [hand.queue], state: ["waiting"] } } as LinkProps,
        };
      case "dead":
        return {
          key: "dead",
          mark: "failed",
          title: text.dead(all.queues.countMany(hand.count, hand.more)),
          why: text.deadWhy,
          go: text.deadGo,
          to: { to: "/dead" },
        };
      case "paused":
        return {
          key: `paused ${hand.queue}`,
          mark: "cancelled",
          title: text.paused(hand.queue),
          why: (
            <>
              {text.pausedBy(person(hand.by))}
              {hand.since ? (
                <>
                  , <Time at={hand.since} />
                </>
              ) : null}
              . {hand.note ? <>“<Said>{hand.note}</Said>”. </> : ""}
              {hand.waiting ? text.pausedWhy(hand.waiting) : ""}
            </>
          ),
          go: text.pausedGo,
          to: queue(hand.queue),
        };
    }
  };
}
