import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";

import { callableQuery } from "../../server/calls";
import { keep } from "../../server/draft";
import { argumentsOf, givenBy, type Written } from "../../server/schema";

/** What every draft of a call holds. */
interface Draft {
  task: string;
  written: Written;
}

export type Call = ReturnType<typeof useCall>;

/** A call that is being written: its task, and what was written as arguments. */
function useCall(name: string, written: Written) {
  const { data: tasks, error, refetch } = useQuery(callableQuery);
  const task = tasks?.find((each) => each.task === name);
  const known = useMemo(() => argumentsOf(task?.parameters ?? null), [task]);
  const told = Boolean(task?.parameters);
  const { given, faults } = useMemo(() => givenBy(told ? written : { ...written, as: "json" }, known), [written, known, told]);
  const secrets = known.filter((each) => each.kind === "secret").map((each) => each.name);
  return { tasks: tasks ?? [], waits: !tasks && !error, error, refetch, task, known, told, given, faults, secrets };
}

/**
 * The draft of a form that calls a task, kept as it is written, without what is secret.
 *
 * @param place - Under which name it is kept.
 */
export function useDraft<D extends Draft>(place: string, initial: D) {
  const [draft, write] = useState(initial);
  const call = useCall(draft.task, draft.written);
  // As text: tasks that are fetched anew are no reason to keep what was sent and forgotten.
  const secrets = call.secrets.join();
  useEffect(() => {
    if (draft !== initial) keep(place, { ...draft, written: withoutSecrets(draft.written, secrets ? secrets.split(",") : []) });
  }, [place, draft, initial, secrets]);
  return { draft, write, change: (part: Partial<D>) => write((old) => ({ ...old, ...part })), call };
}

/** What was written, without what nobody is to find later. */
export function withoutSecrets(written: Written, secrets: readonly string[]): Written {
  if (secrets.length === 0) return written;
  const raws = Object.fromEntries(Object.entries(written.raws).filter(([name]) => !secrets.includes(name)));
  return { as: "form", raws, json: "{}" };
}
