/** The table of pages: what stands at which path; each page and its words are fetched when it is first opened. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { fetchWords, type Part } from "./i18n/text";
import { admitted, type Permission } from "./server/admitted";
import type { Asks } from "./server/queries";
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

type Page = Record<string, unknown> & { asks?: Asks };

/** What is shown, fetched together with the words that it says. */
function shown<M extends Page, N extends keyof M & string>(load: () => Promise<M>, name: N, ...parts: readonly Part[]) {
  return lazyRouteComponent(async () => (await Promise.all([load(), fetchWords(...parts)]))[0], name);
}

/** What the page that is about to be shown has asked, and is waiting for. */
export let asked: Promise<void> | undefined;

/** A page that is shown in the frame, and what it asks while it is still on its way. */
function paged<M extends Page, N extends keyof M & string>(load: () => Promise<M>, name: N, ...parts: readonly Part[]) {
  return {
    component: shown(load, name, ...parts),
    // What is said of a path's parameters here would be taken for what they are.
    loader: async (at: { location: { search: object } }) => {
      const { asks } = await load();
      const { permissions } = await admitted();
      if (asks) asked = ask(asks, { ...(at as typeof at & { params: object }), permissions });
    },
  };
}

async function ask(asks: Asks, at: { location: { search: object }; params: object; permissions: readonly Permission[] }): Promise<void> {
  const { askAhead } = await import("./server/queries");
  const may = (permission: Permission) => at.permissions.includes(permission);
  await askAhead(asks, { search: { ...at.location.search }, params: { ...at.params }, may });
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

/** Where a page is, and what of the API it asks first, so that the server can name that in the document. */
const page = <P extends string>(path: P, ...first: string[]) => ({ getParentRoute: () => inside, path, staticData: { first } });

const routes = [
  createRoute({
    ...page("/jobs", "jobs?limit=25", "jobs/counts"),
    validateSearch: readList,
    ...paged(() => import("./features/jobs/List"), "List", "jobs"),
  }),
  createRoute({
    ...page("/jobs/$id", "jobs/$id"),
    validateSearch: readJob,
    ...paged(() => import("./features/jobs/Detail"), "Detail", "jobs"),
  }),
  createRoute({
    ...page("/", "queues", "workers", "statistics?since=-15m&step=minute", "statistics?since=-5m&step=minute", "statistics?since=-24h&step=hour", "schedules/upcoming", "alerts/incidents?stage=open", "dead-letters/queues?created_from=-24h"),
    validateSearch: (search: Record<string, unknown>): { table?: boolean } => switches(search, "table"),
    ...paged(() => import("./features/overview/Overview"), "Overview", "overview", "queues", "dead"),
  }),
  createRoute({
    ...page("/jobs/new"),
    validateSearch: (search: Record<string, unknown>): { task?: string; from?: string } => words(search, ["task", "from"]),
    ...paged(() => import("./features/jobs/New"), "New", "call", "attempts"),
  }),
  createRoute({
    ...page("/queues", "queues", "statistics?since=-15m&step=minute", "statistics?since=-5m&step=minute", "workers"),
    ...paged(() => import("./features/queues/List"), "List", "queues"),
  }),
  createRoute({
    ...page("/queues/$queue"),
    validateSearch: (search: Record<string, unknown>): { table?: boolean } => switches(search, "table"),
    ...paged(() => import("./features/queues/Detail"), "Detail", "queues", "workers"),
  }),
  createRoute({
    ...page("/workers", "workers", "jobs?states=running&limit=200"),
    ...paged(() => import("./features/workers/List"), "List", "workers", "queues"),
  }),
  createRoute({
    ...page("/modules", "modules"),
    ...paged(() => import("./features/modules/List"), "List", "modules"),
  }),
  createRoute({
    ...page("/modules/$name", "modules/$name", "workers", "tasks", "schedules"),
    ...paged(() => import("./features/modules/Detail"), "Detail", "modules"),
  }),
  createRoute({
    ...page("/statistics"),
    validateSearch: readFigures,
    ...paged(() => import("./features/statistics/Statistics"), "Statistics", "statistics"),
  }),
  createRoute({
    ...page("/schedules", "schedules"),
    validateSearch: (search: Record<string, unknown>): { view?: string; q?: string; show?: string; from?: string } =>
      words(search, ["view", "q", "show", "from"]),
    ...paged(() => import("./features/schedules/List"), "List", "schedules"),
  }),
  createRoute({
    ...page("/schedules/new"),
    validateSearch: (search: Record<string, unknown>): { task?: string; from?: string } => words(search, ["task", "from"]),
    ...paged(() => import("./features/schedules/Edit"), "Edit", "schedules", "call", "attempts"),
  }),
  createRoute({
    ...page("/schedules/$name"),
    ...paged(() => import("./features/schedules/Detail"), "Detail", "schedules", "jobs"),
  }),
  createRoute({
    ...page("/schedules/$name/edit"),
    ...paged(() => import("./features/schedules/Edit"), "Edit", "schedules", "call", "attempts"),
  }),
  createRoute({
    ...page("/failures", "failures"),
    validateSearch: readFailures,
    ...paged(() => import("./features/failures/List"), "List", "failures", "jobs"),
  }),
  createRoute({
    ...page("/failures/$fingerprint", "failures/$fingerprint"),
    ...paged(() => import("./features/failures/Detail"), "Detail", "failures", "jobs"),
  }),
  createRoute({
    ...page("/dead"),
    validateSearch: readDead,
    ...paged(() => import("./features/dead/List"), "List", "dead", "jobs", "failures"),
  }),
  createRoute({
    ...page("/events"),
    validateSearch: readEvents,
    ...paged(() => import("./features/events/List"), "List", "events"),
  }),
  createRoute({
    ...page("/alerts"),
    validateSearch: tabOf("rules", "channels"),
    ...paged(() => import("./features/alerts/Alerts"), "Alerts", "alerts"),
  }),
  createRoute({
    ...page("/audit"),
    validateSearch: readSearch,
    ...paged(() => import("./features/audit/Audit"), "Audit", "audit"),
  }),
  createRoute({
    ...page("/access"),
    validateSearch: tabOf("keys", "tenants"),
    ...paged(() => import("./features/access/Access"), "Access", "access"),
  }),
  createRoute({
    ...page("/settings"),
    ...paged(() => import("./features/settings/Settings"), "Settings", "settings", "shell"),
  }),
  createRoute({
    ...page("/operations"),
    validateSearch: (search: Record<string, unknown>): { after?: string } => words(search, ["after"]),
    ...paged(() => import("./features/operations/List"), "List", "operations"),
  }),
  createRoute({
    ...page("/operations/$id"),
    ...paged(() => import("./features/operations/Detail"), "Detail", "operations", "jobs"),
  }),
  createRoute({
    ...page("/attempts"),
    validateSearch: readAttempts,
    ...paged(() => import("./features/attempts/List"), "List", "attempts", "jobs"),
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
