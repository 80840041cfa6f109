/** Where the words of each part of the dashboard are, in each language; a page fetches those that it says. */

import type { en } from "./en";

/** All words there are. */
export type Words = typeof en;
export type Part = keyof Words;
export type Language = "en" | "de";

export const PARTS: Record<Language, { [P in Part]: () => Promise<Pick<Words, P>> }> = {
  en: {
    access: () => import("./en/access"),
    alerts: () => import("./en/alerts"),
    attempts: () => import("./en/attempts"),
    audit: () => import("./en/audit"),
    call: () => import("./en/call"),
    common: () => import("./en/common"),
    dead: () => import("./en/dead"),
    events: () => import("./en/events"),
    failures: () => import("./en/failures"),
    jobs: () => import("./en/jobs"),
    modules: () => import("./en/modules"),
    operations: () => import("./en/operations"),
    overview: () => import("./en/overview"),
    queues: () => import("./en/queues"),
    schedules: () => import("./en/schedules"),
    settings: () => import("./en/settings"),
    shell: () => import("./en/shell"),
    statistics: () => import("./en/statistics"),
    workers: () => import("./en/workers"),
  },
  de: {
    access: () => import("./de/access"),
    alerts: () => import("./de/alerts"),
    attempts: () => import("./de/attempts"),
    audit: () => import("./de/audit"),
    call: () => import("./de/call"),
    common: () => import("./de/common"),
    dead: () => import("./de/dead"),
    events: () => import("./de/events"),
    failures: () => import("./de/failures"),
    jobs: () => import("./de/jobs"),
    modules: () => import("./de/modules"),
    operations: () => import("./de/operations"),
    overview: () => import("./de/overview"),
    queues: () => import("./de/queues"),
    schedules: () => import("./de/schedules"),
    settings: () => import("./de/settings"),
    shell: () => import("./de/shell"),
    statistics: () => import("./de/statistics"),
    workers: () => import("./de/workers"),
  },
};
