import { useState } from "react";

import { forget, keep, kept } from "../../server/draft";
import { useSession } from "../../server/session";
import { now } from "../../time/clock";

/** A few that are tried before the others. */
export interface Trying {
  few: readonly string[];
  rest: readonly string[];
  reason: string;
  since: number;
  /** Whether the others have been asked for. */
  asked?: boolean;
  /** Whether somebody left the page meanwhile, and has come back to it. */
  back?: boolean;
}

/** After so long nobody comes back to it, in milliseconds. */
const OLD = 24 * 3_600_000;

/** The trial of a failure: whoever leaves the page finds it again, in the same browser. */
export function useTrial(fingerprint: string) {
  const { user, tenant } = useSession();
  const name = `trial.${user}.${tenant ?? ""}.${fingerprint}`;
  const [held, hold] = useState(() => ({ name, trying: found(name) }));
  if (held.name !== name) hold({ name, trying: found(name) });
  const tell = (trying: Trying | undefined) => {
    hold({ name, trying });
    if (trying) keep(name, { ...trying, back: true }, "browser");
    else forget(name, "browser");
  };
  return { trying: held.name === name ? held.trying : undefined, tell };
}

function found(name: string): Trying | undefined {
  const trying = kept<Trying>(name, "browser");
  if (trying && now() - trying.since < OLD) return trying;
  forget(name, "browser");
  return undefined;
}
