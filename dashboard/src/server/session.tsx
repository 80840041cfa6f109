/** Who is logged in, and what they may do. */

import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { createContext, use, type ReactNode } from "react";

import { askSession, whoCame, type Permission, type Session } from "./admitted";
import { address, patch, post, remove, trust } from "./http";
import { client } from "./queries";

export type { Permission };

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: askSession,
  initialData: whoCame,
  staleTime: 60_000,
  retry: false,
});

const Held = createContext<Session | undefined>(undefined);

/** Tells all that is shown who is logged in. */
export function Sessioned({ children }: { children: ReactNode }) {
  return <Held value={useSuspenseQuery(sessionQuery).data}>{children}</Held>;
}

export function useSession(): Session {
  const session = use(Held);
  if (!session) throw new Error("a page is shown outside of a session");
  return session;
}

/** Whether whoever looks may do this; the server decides again when they do. */
export function useMay(permission: Permission): boolean {
  return useSession().permissions.includes(permission);
}

function known(session: Session): void {
  trust(session.csrf);
  client.setQueryData(sessionQuery.queryKey, session);
  // What others were shown, or what was of another tenant, is nobody's business any more.
  void client.resetQueries({ predicate: (query) => query.queryKey[0] !== "session" });
}

/** Looks at the data of another tenant from now on; `null`: at everybody's. */
export async function switchTenant(tenant: string | null): Promise<void> {
  known(await patch("/api/v1/session", { body: { tenant } }));
}

/** Comes in again where a session has ended, and stays where one is. */
export async function comeAgain(name: string, password: string, tenant: string | null): Promise<void> {
  known(await post("/api/v1/session", { body: { name, password, tenant } }));
}

/** Goes out; nothing that was shown is left in this page. */
export async function leave(): Promise<void> {
  await remove("/api/v1/session");
  location.assign(address("login"));
}
