import { useQuery } from "@tanstack/react-query";
import { useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Skeleton } from "../../design/Notice";
import { useText } from "../../i18n/text";
import { callableQuery } from "../../server/calls";
import { kept } from "../../server/draft";
import type { Asks } from "../../server/queries";
import { scheduleQuery, type Schedule } from "../../server/schedules";
import { argumentsOf } from "../../server/schema";
import { Unshown } from "../../shell/Broken";
import { useZone } from "../../time/clock";
import { ChangeForm } from "./edit/ChangeForm";
import { empty, nameFrom, of, type Draft } from "./edit/draft";
import { NewForm } from "./edit/NewForm";

export const asks: Asks = ({ params: { name } }) => (name ? [scheduleQuery(name), callableQuery] : [callableQuery]);

/** Makes a schedule, one like another, or changes one. */
export function Edit() {
  const { name } = useParams({ strict: false });
  const { task, from }: { task?: unknown; from?: unknown } = useSearch({ strict: false });
  if (name) return <Change key={name} name={name} />;
  if (typeof from === "string") return <Like key={from} name={from} />;
  const named = typeof task === "string" ? task : undefined;
  return <New key={named ?? ""} task={named} />;
}

function New({ task }: { task: string | undefined }) {
  const { zone } = useZone();
  const [initial] = useState(() => {
    const draft: Draft = { ...empty(zone), ...kept<Draft>("schedule") };
    const begun = task && draft.task !== task ? { ...empty(zone), task } : draft;
    return begun.name ? begun : { ...begun, name: nameFrom(begun.task) };
  });
  return <NewForm initial={initial} />;
}

function Like({ name }: { name: string }) {
  const text = useText("schedules");
  const schedule = useQuery(scheduleQuery(name));
  const tasks = useQuery(callableQuery);
  const error = schedule.error ?? tasks.error;
  if (error && !(schedule.data && tasks.data)) return <Unshown title={text.schedules.form.new} error={error} />;
  if (!schedule.data || !tasks.data) return <Skeleton name={text.common.loading} />;
  const parameters = tasks.data.find((each) => each.task === schedule.data.task)?.parameters ?? null;
  const initial = { ...of(schedule.data, argumentsOf(parameters), parameters !== null), name: "" };
  return <NewForm initial={initial} about={text.schedules.form.like(name)} />;
}

function Change({ name }: { name: string }) {
  const text = useText("schedules");
  const { data, error, refetch } = useQuery(scheduleQuery(name));
  if (error && !data) return <Unshown title={name} error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} />;
  return <Begin schedule={data} />;
}

/** What was written, and what was there when that began. */
interface Begun {
  seen: Schedule;
  draft: Draft;
}

function Begin({ schedule }: { schedule: Schedule }) {
  // What is shown later is fetched anew with each tick; the form keeps what it began with.
  const [begun] = useState(() => kept<Begun>(`schedule.${schedule.name}`) ?? { seen: schedule, draft: of(schedule, [], false) });
  return <ChangeForm seen={begun.seen} initial={begun.draft} />;
}
