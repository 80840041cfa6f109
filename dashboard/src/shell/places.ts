/** Where one can go: what the navigation and the palette show, and the keys that lead there. */

import type { Text } from "../i18n/text";
import type { Permission } from "../server/session";

type Words = Text["common"]["nav"];

export interface Place {
  to: string;
  name: keyof Words;
  needs: Permission;
  /** The key that leads there, after `g`. */
  key?: string;
}

export const GROUPS: readonly (readonly [head: keyof Words | "", places: readonly Place[]])[] = [
  [
    "",
    [
      { to: "/", name: "overview", needs: "jobs.read", key: "o" },
      { to: "/jobs", name: "jobs", needs: "jobs.read", key: "j" },
      { to: "/queues", name: "queues", needs: "queues.read", key: "q" },
      { to: "/failures", name: "failures", needs: "jobs.read", key: "f" },
      { to: "/dead", name: "dead", needs: "jobs.read", key: "d" },
    ],
  ],
  [
    "plan",
    [
      { to: "/schedules", name: "schedules", needs: "schedules.read", key: "s" },
      { to: "/attempts", name: "attempts", needs: "jobs.read" },
    ],
  ],
  [
    "observe",
    [
      { to: "/statistics", name: "statistics", needs: "statistics.read", key: "t" },
      { to: "/events", name: "events", needs: "events.read", key: "e" },
      { to: "/workers", name: "workers", needs: "workers.read", key: "w" },
      { to: "/alerts", name: "alerts", needs: "alerts.read", key: "a" },
    ],
  ],
  [
    "govern",
    [
      { to: "/audit", name: "audit", needs: "audit.read" },
      { to: "/modules", name: "modules", needs: "modules.read" },
      { to: "/operations", name: "operations", needs: "jobs.read" },
      { to: "/access", name: "access", needs: "users.read" },
      { to: "/settings", name: "settings", needs: "jobs.read" },
    ],
  ],
];

export const PLACES: readonly Place[] = GROUPS.flatMap(([, places]) => places);
