import { useQuery } from "@tanstack/react-query";

import { Button } from "../../../design/Button";
import { useText } from "../../../i18n/text";
import { planQuery } from "../../../server/schedules";
import { wallAt } from "../../../time/zones";
import { crowdAt, NEAR } from "./crowd";
import { fieldsIn, type Draft } from "./draft";
import styles from "./Form.module.css";

const MINUTE = 60_000;

/** What else starts when this one first comes, and a free minute near it. */
export function Crowd({ first, draft, change }: { first: string | undefined; draft: Draft; change: (part: Partial<Draft>) => void }) {
  const words = useText("schedules").schedules.form;
  const at = first === undefined ? 0 : Date.parse(first);
  const since = new Date(at - NEAR * MINUTE).toISOString();
  const { data } = useQuery({ ...planQuery(since, new Date(at + (NEAR + 1) * MINUTE).toISOString()), enabled: first !== undefined });
  if (first === undefined || !data) return null;
  const { count, free } = crowdAt(at, data.plan, draft.name);
  const clock = (moment: number) => wallAt(draft.tz, moment).slice(11, 16);
  const line = free === undefined ? undefined : moved(draft.line, clock(at), clock(free));
  return (
    <p className={styles.crowd}>
      <span>
        {words.crowd(count, clock(at))}
        {count === 0 ? "" : free === undefined ? words.allBusy : words.free(clock(free))}
      </span>
      {line && free !== undefined ? <Button onClick={() => change({ line })}>{words.takeFree(clock(free))}</Button> : null}
    </p>
  );
}

/** The pattern at the other time of the day, where it names one minute and one hour, or any hour. */
function moved(line: string, from: string, to: string): string | undefined {
  const fields = fieldsIn(line);
  if (fields?.length !== 5) return undefined;
  const [minute, hour] = fields as [string, string];
  const [fromHour, fromMinute] = from.split(":").map(Number);
  const [toHour, toMinute] = to.split(":").map(Number);
  if (Number(minute) !== fromMinute || !/^\d+$/.test(minute)) return undefined;
  const isOneHour = /^\d+$/.test(hour) && Number(hour) === fromHour;
  if (fromHour !== toHour && !isOneHour) return undefined;
  // Before midnight it would be another day.
  if (isOneHour && Math.abs(toHour! - fromHour!) > 1) return undefined;
  return fields.with(0, String(toMinute)).with(1, isOneHour ? String(toHour) : hour).join(" ");
}
