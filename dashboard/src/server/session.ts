/** Who is logged in, and what they may do. */

import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";

import { get, trust } from "./http";
import type { components } from "./schema.gen";

export type Session = components["schemas"]["Session"];
export type Permission = components["schemas"]["Permission"];

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Session> => {
    const session = await get("/api/v1/session");
    trust(session.csrf);
    return session;
  },
  staleTime: 60_000,
  retry: false,
});

export function useSession(): Session {
  return useSuspenseQuery(sessionQuery).data;
}

/** Whether whoever looks may do this; the server decides again when they do. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}
