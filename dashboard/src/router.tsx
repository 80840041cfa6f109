/** The table of pages: what stands at which path; each page is fetched when it is first opened. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { readSearch } from "./server/audit";
import { readDead } from "./server/dead";
import { readEvents } from "./server/events";
import { readFailures } from "./server/failures";
import { readFilter } from "./server/filter";
import { Problem } from "./server/http";
import { client } from "./server/queries";
import { sessionQuery } from "./server/session";
import { Broken, Missing } from "./shell/Broken";
import { Layout } from "./shell/Layout";

const root = createRootRoute({ notFoundComponent: Missing, errorComponent: Broken });

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (search: Record<string, unknown>): { next?: string; setup?: boolean } => ({
    ...(typeof search["next"] === "string" && search["next"].startsWith("/") ? { next: search["next"] } : {}),
    ...(search["setup"] === true ? { setup: true } : {}),
  }),
  component: lazyRouteComponent(() => import("./features/session/Login"), "Login"),
});

const inside = createRoute({
  getParentRoute: () => root,
  id: "inside",
  component: Layout,
  errorComponent: Broken,
  beforeLoad: async ({ location }) => {
    try {
      await client.ensureQueryData(sessionQuery);
    } catch (error) {
      if (error instanceof Problem && error.status === 401) {
        throw redirect({ to: "/login", search: location.href === "/" ? {} : { next: location.href } });
      }
      throw error;
    }
  },
});

/** A tab that a URL names; what names none is the first one, which goes without. */
function tabOf<T extends string>(...tabs: readonly T[]) {
  return (search: Record<string, unknown>): { tab?: T } => {
    const tab = tabs.find((each) => each === search["tab"]);
    return tab === undefined ? {} : { tab };
  };
}

const page = <P extends string>(path: P) => ({ getParentRoute: () => inside, path });

/** The words that a URL has under these names. */
function words<Name extends string>(search: Record<string, unknown>, names: readonly Name[]): { [N in Name]?: string } {
  const found: { [N in Name]?: string } = {};
  for (const name of names) {
    const value = search[name];
    if (typeof value === "string" ? value !== "" : typeof value === "number") found[name] = String(value);
  }
  return found;
}

const routes = [
  createRoute({
    ...page("/jobs"),
    validateSearch: readFilter,
    component: lazyRouteComponent(() => import("./features/jobs/List"), "List"),
  }),
  createRoute({
    ...page("/jobs/$id"),
    component: lazyRouteComponent(() => import("./features/jobs/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/"),
    validateSearch: (search: Record<string, unknown>): { table?: boolean } => (search["table"] === true ? { table: true } : {}),
    component: lazyRouteComponent(() => import("./features/overview/Overview"), "Overview"),
  }),
  createRoute({
    ...page("/jobs/new"),
    validateSearch: (search: Record<string, unknown>): { task?: string; from?: string } => words(search, ["task", "from"]),
    component: lazyRouteComponent(() => import("./features/jobs/New"), "New"),
  }),
  createRoute({
    ...page("/queues"),
    component: lazyRouteComponent(() => import("./features/queues/List"), "List"),
  }),
  createRoute({
    ...page("/queues/$queue"),
    validateSearch: (search: Record<string, unknown>): { table?: boolean } => (search["table"] === true ? { table: true } : {}),
    component: lazyRouteComponent(() => import("./features/queues/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/workers"),
    component: lazyRouteComponent(() => import("./features/workers/List"), "List"),
  }),
  createRoute({
    ...page("/statistics"),
    component: lazyRouteComponent(() => import("./features/statistics/Statistics"), "Statistics"),
  }),
  createRoute({
    ...page("/schedules"),
    validateSearch: (search: Record<string, unknown>): { view?: string; q?: string; show?: string; from?: string } =>
      words(search, ["view", "q", "show", "from"]),
    component: lazyRouteComponent(() => import("./features/schedules/List"), "List"),
  }),
  createRoute({
    ...page("/schedules/new"),
    validateSearch: (search: Record<string, unknown>): { task?: string; from?: string } => words(search, ["task", "from"]),
    component: lazyRouteComponent(() => import("./features/schedules/Edit"), "Edit"),
  }),
  createRoute({
    ...page("/schedules/$name"),
    component: lazyRouteComponent(() => import("./features/schedules/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/schedules/$name/edit"),
    component: lazyRouteComponent(() => import("./features/schedules/Edit"), "Edit"),
  }),
  createRoute({
    ...page("/failures"),
    validateSearch: readFailures,
    component: lazyRouteComponent(() => import("./features/failures/List"), "List"),
  }),
  createRoute({
    ...page("/failures/$fingerprint"),
    component: lazyRouteComponent(() => import("./features/failures/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/dead"),
    validateSearch: readDead,
    component: lazyRouteComponent(() => import("./features/dead/List"), "List"),
  }),
  createRoute({
    ...page("/events"),
    validateSearch: readEvents,
    component: lazyRouteComponent(() => import("./features/events/List"), "List"),
  }),
  createRoute({
    ...page("/alerts"),
    validateSearch: tabOf("rules", "channels"),
    component: lazyRouteComponent(() => import("./features/alerts/Alerts"), "Alerts"),
  }),
  createRoute({
    ...page("/audit"),
    validateSearch: readSearch,
    component: lazyRouteComponent(() => import("./features/audit/Audit"), "Audit"),
  }),
  createRoute({
    ...page("/access"),
    validateSearch: tabOf("keys", "tenants"),
    component: lazyRouteComponent(() => import("./features/access/Access"), "Access"),
  }),
  createRoute({
    ...page("/settings"),
    component: lazyRouteComponent(() => import("./features/settings/Settings"), "Settings"),
  }),
  createRoute({
    ...page("/operations"),
    component: lazyRouteComponent(() => import("./features/operations/List"), "List"),
  }),
  createRoute({
    ...page("/operations/$id"),
    component: lazyRouteComponent(() => import("./features/operations/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/attempts"),
    component: lazyRouteComponent(() => import("./features/attempts/List"), "List"),
  }),
];

const base = new URL(document.baseURI).pathname.replace(/\/$/, "");

export const router = createRouter({
  routeTree: root.addChildren([login, inside.addChildren(routes)]),
  basepath: base || "/",
  defaultPreload: "intent",
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
