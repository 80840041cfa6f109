/** The table of pages: what stands at which path; each page is fetched when it is first opened. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

import { readAttempts } from "./server/attempts";
import { readFigures } from "./server/figures";
import { readList } from "./server/filter";
import { Problem } from "./server/http";
import { readJob } from "./server/jobs";
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

const page = <P extends string>(path: P) => ({ getParentRoute: () => inside, path });

const routes = [
  createRoute({
    ...page("/jobs"),
    validateSearch: readList,
    component: lazyRouteComponent(() => import("./features/jobs/List"), "List"),
  }),
  createRoute({
    ...page("/jobs/$id"),
    validateSearch: readJob,
    component: lazyRouteComponent(() => import("./features/jobs/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/"),
    component: lazyRouteComponent(() => import("./features/overview/Overview"), "Overview"),
  }),
  createRoute({
    ...page("/jobs/new"),
    component: lazyRouteComponent(() => import("./features/jobs/New"), "New"),
  }),
  createRoute({
    ...page("/queues"),
    component: lazyRouteComponent(() => import("./features/queues/List"), "List"),
  }),
  createRoute({
    ...page("/queues/$queue"),
    component: lazyRouteComponent(() => import("./features/queues/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/workers"),
    component: lazyRouteComponent(() => import("./features/workers/List"), "List"),
  }),
  createRoute({
    ...page("/statistics"),
    validateSearch: readFigures,
    component: lazyRouteComponent(() => import("./features/statistics/Statistics"), "Statistics"),
  }),
  createRoute({
    ...page("/schedules"),
    component: lazyRouteComponent(() => import("./features/schedules/List"), "List"),
  }),
  createRoute({
    ...page("/schedules/new"),
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
    component: lazyRouteComponent(() => import("./features/failures/List"), "List"),
  }),
  createRoute({
    ...page("/failures/$fingerprint"),
    component: lazyRouteComponent(() => import("./features/failures/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/dead"),
    component: lazyRouteComponent(() => import("./features/dead/List"), "List"),
  }),
  createRoute({
    ...page("/events"),
    component: lazyRouteComponent(() => import("./features/events/List"), "List"),
  }),
  createRoute({
    ...page("/alerts"),
    component: lazyRouteComponent(() => import("./features/alerts/Alerts"), "Alerts"),
  }),
  createRoute({
    ...page("/audit"),
    component: lazyRouteComponent(() => import("./features/audit/Audit"), "Audit"),
  }),
  createRoute({
    ...page("/access"),
    component: lazyRouteComponent(() => import("./features/access/Access"), "Access"),
  }),
  createRoute({
    ...page("/settings"),
    component: lazyRouteComponent(() => import("./features/settings/Settings"), "Settings"),
  }),
  createRoute({
    ...page("/operations"),
    validateSearch: (search: Record<string, unknown>): { after?: string } =>
      typeof search["after"] === "string" ? { after: search["after"] } : {},
    component: lazyRouteComponent(() => import("./features/operations/List"), "List"),
  }),
  createRoute({
    ...page("/operations/$id"),
    component: lazyRouteComponent(() => import("./features/operations/Detail"), "Detail"),
  }),
  createRoute({
    ...page("/attempts"),
    validateSearch: readAttempts,
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
