/** Whether somebody is logged in: asked once, before any page; pages go on from that answer. */

import { get, trust } from "./http";
import type { components } from "./schema.gen";

export type Permission = components["schemas"]["Permission"];
export type Session = components["schemas"]["Session"];

let first: Session | undefined;
let asked: Promise<Session> | undefined;

/** Asks the server who is logged in. */
export async function askSession(): Promise<Session> {
  const session = await get("/api/v1/session");
  trust(session.csrf);
  return session;
}

/** Who is logged in, as it was when the page came; whoever is not is refused anew each time. */
export function admitted(): Promise<Session> {
  asked ??= askSession().then(
    (session) => (first = session),
    (error: unknown) => {
      asked = undefined;
      throw error;
    },
  );
  return asked;
}

/** What that answer was. */
export function whoCame(): Session | undefined {
  return first;
}
