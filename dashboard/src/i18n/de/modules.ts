import type { Words } from "../parts";
import { plural } from "../plural";

export const modules: Words["modules"] = {
  title: "Module",
  headline: (count, off) =>
    plural("de", count, { one: "Modul", other: "Module" }) + (off ? `, ${plural("de", off, { one: "ist", other: "sind" })} ausgeschaltet` : ""),
  lede: "Was Pakete mitbringen: Aufgaben, Zeitpläne und Empfänger von Ereignissen. Ein Modul auszuschalten gilt auf jedem Knoten.",
  none: "Kein Knoten hat ein Modul gemeldet",
  noneWhy: "Worker melden sie, wenn sie starten. Beginnen Sie ein eigenes:",
  example: "tidemill modules new billing",
  name: "Modul",
  state: "Zustand",
  states: { enabled: "eingeschaltet", disabled: "ausgeschaltet", broken: "ausgelassen" },
  disabledBy: (who) => `ausgeschaltet von ${who}`,
  tasks: "Aufgaben",
  schedules: "Zeitpläne",
  quotas: "Kontingente",
  atOnce: (most) => `${most} zugleich`,
  anHour: (most) => `${most} je Stunde`,
  noQuota: "keine",
  disable: "Ausschalten",
  enable: "Einschalten",
  disableReally: (name) => `Modul ${name} ausschalten?`,
  disableEffect:
    "Keiner seiner Aufträge wird mehr begonnen, auf keinem Knoten, und seine Zeitpläne stehen still. Was läuft, läuft weiter; was wartet, bleibt.",
  enableReally: (name) => `Modul ${name} einschalten?`,
  enableEffect: "Was wartet, wird begonnen, und seine Zeitpläne gehen ab jetzt weiter. Was Menschen selbst angehalten haben, bleibt angehalten.",
  note: "Grund",
  noteWhy: "Wer eine seiner angehaltenen Aufgaben ansieht, bekommt ihn gezeigt.",
  isDisabled: (name) => `${name} ist ausgeschaltet`,
  isEnabled: (name) => `${name} ist eingeschaltet`,
};
