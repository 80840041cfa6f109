/** The table of pages: what stands at which path; each page and its words are fetched when it is first opened. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { fetchWords, type Part } from "./i18n/text";
import { admitted } from "./server/admitted";
import { Problem } from "./server/http";
import {
  readAttempts,
  readDead,
  readEvents,
  readFailures,
  readFigures,
  readJob,
  readList,
  readSearch,
  switches,
  tabOf,
  words,
} from "./server/seen";

/** What is shown, fetched together with the words that it says. */
function shown<M extends Record<string, unknown>, N extends keyof M & string>(load: () => Promise<M>, name: N, ...parts: readonly Part[]) {
  return lazyRouteComponent(async () => (await Promise.all([load(), fetchWords(...parts)]))[0], name);
}

const wrong = () => import("./shell/Broken");

const root = createRootRoute({ notFoundComponent: shown(wrong, "Missing", "shell"), errorComponent: shown(wrong, "Wrecked") });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string; setup?: boolean } => ({
    ...(typeof search["next"] === "string" && search["next"].startsWith("/") ? { next: search["next"] } : {}),
    ...switches(search, "setup"),
  }),
  component: shown(() => import("./features/session/Login"), "Login", "shell"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: shown(() => import("./shell/Layout"), "Layout", "shell"),
  errorComponent: shown(wrong, "Wrecked"),
  beforeLoad: async ({ location }) => {
    try {
      await admitted();
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
      }
      throw error;
    }
  },
});

const page = <P extends string>(path: P) => ({ getParentRoute: () => inside, path });

const routes = [
  createRoute({
    ...page("/jobs"),
    validateSearch: readList,
    component: shown(() => import("./features/jobs/List"), "List", "jobs"),
  }),
  createRoute({
    ...page("/jobs/$id"),
    validateSearch: readJob,
    component: shown(() => import("./features/jobs/Detail"), "Detail", "jobs"),
  }),
  createRoute({
    ...page("/"),
    validateSearch: (search: Record<string, unknown>): { table?: boolean } => switches(search, "table"),
    component: shown(() => import("./features/overview/Overview"), "Overview", "overview", "queues", "dead"),
  }),
  createRoute({
    ...page("/jobs/new"),
    validateSearch: (search: Record<string, unknown>): { task?: string; from?: string } => words(search, ["task", "from"]),
    component: shown(() => import("./features/jobs/New"), "New", "call", "attempts"),
  }),
  createRoute({
    ...page("/queues"),
    component: shown(() => import("./features/queues/List"), "List", "queues"),
  }),
  createRoute({
    ...page("/queues/$queue"),
    validateSearch: (search: Record<string, unknown>): { table?: boolean } => switches(search, "table"),
    component: shown(() => import("./features/queues/Detail"), "Detail", "queues", "workers"),
  }),
  createRoute({
    ...page("/workers"),
    component: shown(() => import("./features/workers/List"), "List", "workers", "queues"),
  }),
  createRoute({
    ...page("/statistics"),
    validateSearch: readFigures,
    component: shown(() => import("./features/statistics/Statistics"), "Statistics", "statistics"),
  }),
  createRoute({
    ...page("/schedules"),
    validateSearch: (search: Record<string, unknown>): { view?: string; q?: string; show?: string; from?: string } =>
      words(search, ["view", "q", "show", "from"]),
    component: shown(() => import("./features/schedules/List"), "List", "schedules"),
  }),
  createRoute({
    ...page("/schedules/new"),
    validateSearch: (search: Record<string, unknown>): { task?: string; from?: string } => words(search, ["task", "from"]),
    component: shown(() => import("./features/schedules/Edit"), "Edit", "schedules", "call", "attempts"),
  }),
  createRoute({
    ...page("/schedules/$name"),
    component: shown(() => import("./features/schedules/Detail"), "Detail", "schedules", "jobs"),
  }),
  createRoute({
    ...page("/schedules/$name/edit"),
    component: shown(() => import("./features/schedules/Edit"), "Edit", "schedules", "call", "attempts"),
  }),
  createRoute({
    ...page("/failures"),
    validateSearch: readFailures,
    component: shown(() => import("./features/failures/List"), "List", "failures", "jobs"),
  }),
  createRoute({
    ...page("/failures/$fingerprint"),
    component: shown(() => import("./features/failures/Detail"), "Detail", "failures", "jobs"),
  }),
  createRoute({
    ...page("/dead"),
    validateSearch: readDead,
    component: shown(() => import("./features/dead/List"), "List", "dead", "jobs", "failures"),
  }),
  createRoute({
    ...page("/events"),
    validateSearch: readEvents,
    component: shown(() => import("./features/events/List"), "List", "events"),
  }),
  createRoute({
    ...page("/alerts"),
    validateSearch: tabOf("rules", "channels"),
    component: shown(() => import("./features/alerts/Alerts"), "Alerts", "alerts"),
  }),
  createRoute({
    ...page("/audit"),
    validateSearch: readSearch,
    component: shown(() => import("./features/audit/Audit"), "Audit", "audit"),
  }),
  createRoute({
    ...page("/access"),
    validateSearch: tabOf("keys", "tenants"),
    component: shown(() => import("./features/access/Access"), "Access", "access"),
  }),
  createRoute({
    ...page("/settings"),
    component: shown(() => import("./features/settings/Settings"), "Settings", "settings", "shell"),
  }),
  createRoute({
    ...page("/operations"),
    validateSearch: (search: Record<string, unknown>): { after?: string } => words(search, ["after"]),
    component: shown(() => import("./features/operations/List"), "List", "operations"),
  }),
  createRoute({
    ...page("/operations/$id"),
    component: shown(() => import("./features/operations/Detail"), "Detail", "operations", "jobs"),
  }),
  createRoute({
    ...page("/attempts"),
    validateSearch: readAttempts,
    component: shown(() => import("./features/attempts/List"), "List", "attempts", "jobs"),
  }),
];

const base = new URL(document.baseURI).pathname.replace(/\/$/, "");

export const router = createRouter({
  routeTree: root.addChildren([login, inside.addChildren(routes)]),
  basepath: base || "/",
  defaultPreload: "intent",
  defaultErrorComponent: shown(wrong, "Broken"),
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
