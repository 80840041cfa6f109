import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { callableQuery } from "../../server/calls";
import { argumentsOf, givenBy, type Written } from "../../server/schema";

/** A call that is being written: its task, and what was written as arguments. */
export function useCall(name: string, written: Written) {
  const { data: tasks, error, refetch } = useQuery(callableQuery);
  const task = tasks?.find((each) => each.task === name);
  const known = useMemo(() => argumentsOf(task?.parameters ?? null), [task]);
  const told = Boolean(task?.parameters);
  const { given, faults } = useMemo(() => givenBy(told ? written : { ...written, as: "json" }, known), [written, known, told]);
  const secrets = known.filter((each) => each.kind === "secret").map((each) => each.name);
  return { tasks, error, refetch, task, known, told, given, faults, secrets };
}

/** What was written, without what nobody is to find later. */
export function withoutSecrets(written: Written, secrets: readonly string[]): Written {
  if (secrets.length === 0) return written;
  const raws = Object.fromEntries(Object.entries(written.raws).filter(([name]) => !secrets.includes(name)));
  return { as: "form", raws, json: "{}" };
}
