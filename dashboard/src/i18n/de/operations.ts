import { plural } from "../plural";
import type { Words } from "../parts";

const jobs = (number: number) => plural("de", number, { one: "Auftrag", other: "Aufträge" });
const verbs: Record<string, string> = {
  "jobs.cancel": "abgebrochen",
  "jobs.retry": "wiederholt",
  "jobs.run_now": "fällig gemacht",
  "jobs.postpone": "aufgeschoben",
  "jobs.reprioritise": "mit anderer Priorität",
  "jobs.move": "verschoben",
  "jobs.delete": "gelöscht",
};

export const operations: Words["operations"] = {
  title: "Vorgänge",
  lede: "Änderungen vieler Aufträge, von Hand oder durch ein Programm. Die letzten 500 werden aufbewahrt.",
  count: (number, more) => (more ? "Die neuesten Vorgänge" : plural("de", number, { one: "Vorgang", other: "Vorgänge" })),
  did: (verb, number) => `${jobs(number)} ${verbs[verb] ?? verb}`,
  what: "Was",
  who: "Wer",
  when: "Wann",
  reason: "Grund",
  state: "Stand",
  states: { done: "Fertig", running: "Ein Auftrag macht weiter", failed: "Nicht fertig: sein Auftrag ist gescheitert", undone: "Rückgängig gemacht" },
  none: "Noch hat niemand Aufträge geändert. Wählen Sie welche in der Liste der Aufträge, und was mit ihnen geschehen soll.",
  toJobs: "Zu den Aufträgen",
  meantIds: (number) => `${jobs(number)} nach ihren Ids`,
  meantFilter: "Alle passenden",
  changed: "Geändert",
  skipped: "Gelassen",
  skippedWhy: "in einem Zustand, der es nicht erlaubte, oder nicht da",
  given: "Angabe",
  job: "Läuft weiter als",
  until: "Rückgängig bis",
  undo: "Rückgängig machen",
  undoWhy: "Aufträge werden wieder, was sie waren, außer denen, die begonnen haben oder die andere seither geändert haben.",
  undoneBy: "Rückgängig gemacht von",
  refused: {
    verb: "Was er tat, lässt sich nicht rückgängig machen.",
    rest: "Er war zu groß, um ihn rückgängig zu machen: Ein Auftrag hat ihn fortgeführt.",
    nothing: "Er hat nichts geändert, das sich rückgängig machen ließe.",
    late: "Rückgängig machen lässt er sich zehn Minuten lang, und die sind vorbei.",
    undone: "Er wurde rückgängig gemacht.",
  },
};
