/** The table of pages: what stands at which path; each page is fetched when it is first opened. */

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from "@tanstack/react-router";

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

const page = <P extends string>(path: P) => ({ getParentRoute: () => inside, path });

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
