import { plural, written } from "../plural";
import type { Words } from "../parts";

export const attempts: Words["attempts"] = {
  title: "Versuche",
  count: (number, more, failed) =>
    `${more ? `${written(number, "de")}+ Versuche` : plural("de", number, { one: "Versuch", other: "Versuche" })}${failed ? `, davon ${written(failed, "de")} gescheitert` : ""}`,
  more: "Nicht alle dieser Zeitspanne werden gezeigt, nur die neuesten. Wählen Sie eine kürzere, eine Warteschlange oder eine Aufgabe.",
  none: "In dieser Zeitspanne endete kein Versuch, und es läuft keiner.",
  wider: "Die letzten 24 Stunden ansehen",
  task: "Aufgabe",
  queue: "Warteschlange",
  worker: "Worker",
  number: "Versuch",
  started: "Begonnen",
  ran: "Lief",
  ending: "Ende",
  note: "Notiz",
  runs: "läuft",
  view: "Darstellung",
  views: { list: "Liste", timeline: "Zeitleiste" },
  lanes: "Bahnen nach",
  lane: { worker: "Worker", queue: "Warteschlange", task: "Aufgabe" },
  range: "Seit",
  ranges: { "-15m": "15 Minuten", "-1h": "einer Stunde", "-6h": "6 Stunden", "-24h": "24 Stunden", "-7d": "7 Tagen" },
  last: (length) => `seit ${length}`,
  anyQueue: "Jede Warteschlange",
  anyTask: "Jede Aufgabe",
  anyWorker: "Jeder Worker",
  drawn: (number, lanes) => `${plural("de", number, { one: "Versuch", other: "Versuche" })} in ${plural("de", lanes, { one: "Bahn", other: "Bahnen" })}, von links nach rechts`,
  tooMany: (number) => `Gezeigt sind die ${written(number, "de")} Bahnen mit den meisten Versuchen.`,
};
