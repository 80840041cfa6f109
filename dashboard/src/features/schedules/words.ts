/** What a schedule is, in words. */

import type { Text } from "../../i18n/text";
import type { Schedule } from "../../server/schedules";
import { describe } from "../../time/cron";
import { inWords } from "../../time/length";
import { wallAt } from "../../time/zones";
import { timeFormat } from "../../time/format";

/** When it comes: its pattern in words where these can be found, else as it is written. */
export function comes(schedule: Pick<Schedule, "pattern" | "every">, text: Text<"schedules">, language: string): string {
  if (schedule.every) return text.schedules.every(inWords(schedule.every * 1_000, text.common.units));
  if (!schedule.pattern) return text.schedules.byHand;
  return describe(schedule.pattern, text.schedules.cron, language) ?? schedule.pattern;
}

/** A moment as one would say it today: `14:15`, or `Mon, 30 Nov 02:00`. */
export function momentary(at: number, zone: string, language: string, now: number): string {
  const wall = wallAt(zone, at);
  const clock = wall.slice(11, 16);
  if (wall.slice(0, 10) === wallAt(zone, now).slice(0, 10)) return clock;
  return `${dayIn(at, zone, language)} ${clock}`;
}

export function dayIn(at: number, zone: string, language: string): string {
  return timeFormat(language, zone, { weekday: "short", day: "numeric", month: "short" }).format(at);
}

/** The one among them that comes first. */
export function soonest(schedules: readonly Schedule[]): Schedule | undefined {
  const coming = schedules.filter((each) => each.next_at !== null);
  return coming.reduce<Schedule | undefined>((first, each) => (!first || each.next_at! < first.next_at! ? each : first), undefined);
}

export function capital(said: string): string {
  return said.charAt(0).toUpperCase() + said.slice(1);
}
