import type { hindrances as english, Told } from "../en/hindrances";
import { plural, written } from "../plural";

const jobs = (count: number | null) => (count === null ? "andere Aufträge" : plural("de", count, { one: "anderer Auftrag", other: "andere Aufträge" }));
const waitedFor = (count: number | null) => (count === 1 ? "einen anderen Auftrag" : jobs(count));
const paused = ({ by, past }: Told) => `ist angehalten${by ? `, von ${by}` : ""}${past ? `, seit ${past}` : ""}`;
const ran = ({ past }: Told) => (past ? `; die Aufgabe lief zuletzt vor ${past}` : "");
const rate = ({ most, per, left }: Told) => `lässt in ${per} ${most} beginnen; der nächste kommt in ${left}`;
const do_ = (count: number | null) => (count === null ? "so viele laufen" : `${written(count, "de")} ${count === 1 ? "läuft" : "laufen"}`);

export const hindrances: typeof english = {
  finished: () => "Er ist beendet",
  running: ({ what }) => `Er läuft${what ? ` auf ${what}` : ""}`,
  stopping: ({ what }) => `Er läuft${what ? ` auf ${what}` : ""} und wurde gebeten aufzuhören`,
  due_later: ({ left }) => `Er ist in ${left} fällig`,
  retrying: ({ left }) => `Er ist gescheitert und wird in ${left} wiederholt`,
  parents: ({ count }) => `Er wartet auf ${waitedFor(count)}`,
  queue_paused: (told) => `Die Warteschlange ${told.what} ${paused(told)}`,
  task_paused: (told) => `Die Aufgabe ${told.what} ${paused(told)}`,
  limit_full: ({ what, most, count }) => `Der Schlüssel ${what} lässt ${most} zugleich laufen, und ${do_(count)}`,
  rate_spent: (told) => `Der Schlüssel ${told.what} ${rate(told)}`,
  queue_full: ({ what, most, count }) => `Die Warteschlange ${what} lässt ${most} zugleich laufen, und ${do_(count)}`,
  tenant_full: ({ what, most, count }) => `Die Warteschlange ${what} lässt ${most} eines Mandanten zugleich laufen, und ${do_(count)}`,
  tenant_quota: ({ what, most, count }) => `Der Mandant ${what} darf ${most} zugleich laufen lassen, und ${do_(count)}`,
  queue_rate_spent: (told) => `Die Warteschlange ${told.what} ${rate(told)}`,
  no_worker: (told) => `Es ist kein Worker da${ran(told)}`,
  no_worker_of_queue: (told) => `Keiner der Worker nimmt aus der Warteschlange ${told.what}${ran(told)}`,
  no_worker_of_task: (told) => `Kein Worker, der aus seiner Warteschlange nimmt, kennt die Aufgabe ${told.what}${ran(told)}`,
  line: ({ what, count }) => `Vor ihm in der Warteschlange ${what}: ${jobs(count)}`,
  soon: () => "Nichts: Er kommt, sobald ein Worker frei ist",
  schedule_paused: () => "Der Zeitplan ist angehalten",
  schedule_by_hand: () => "Er läuft nur von Hand",
  schedule_over: () => "Er kommt nie wieder",
  schedule_overlap: () => "Ein Auftrag eines früheren Laufs ist nicht beendet, und seine Regel lässt daneben keinen beginnen",
  schedule_quota: ({ past }) => `Sein letzter Lauf, vor ${past}, wurde ausgelassen`,
  schedule_due: ({ left }) => `Er kommt in ${left}`,
  schedule_late: ({ past }) => `Er ist seit ${past} fällig`,
};
