import type { Words } from "../parts";
import { plural, written } from "../plural";

const letters = (number: number) => plural("de", number, { one: "gescheiterter Auftrag", other: "gescheiterte Aufträge" });

export const dead: Words["dead"] = {
  title: "Gescheiterte",
  verdict: (number, more, queues) =>
    `${more ? `${written(number, "de")}+ gescheiterte Aufträge` : letters(number)} in ${plural("de", queues, { one: "Warteschlange", other: "Warteschlangen" })}`,
  none: "Keine gescheiterten Aufträge",
  noneWhy:
    "Ein Auftrag, dessen Versuche verbraucht sind, kommt hierher und bleibt, bis er wiederholt oder verworfen wird. Keiner ist da.",
  noneMatch: "Kein gescheiterter Auftrag passt.",
  more: (number) => `Gezählt sind die neuesten ${written(number, "de")}; es gibt ältere.`,
  views: { cause: "Nach Ursache", queue: "Nach Warteschlange", jobs: "Aufträge" },
  view: "Ansicht",
  cause: "Ursache",
  queue: "Warteschlange",
  task: "Aufgabe",
  count: "Aufträge",
  died: "Gescheitert",
  said: "Fehler",
  acts: "Was mit ihnen geschehen soll",
  showAll: "Alle gescheiterten zeigen",
  drop: (name, value) => `${name} ${value}: weglassen`,
  masked: "Ihre Rolle darf nicht sehen, was er sagt",
  redriveThese: (number) => `${written(number, "de")} wiederholen`,
  redriveAll: "Alle wiederholen",
  redriveMatching: "Alle passenden wiederholen",
  redrive: "Wiederholen",
  discardAll: "Alle verwerfen",
  discardMatching: "Alle passenden verwerfen",
  discard: "Verwerfen",
  chosen: (number) => `${written(number, "de")} gewählt`,
  chooseFirst: "Wählen Sie zuerst Aufträge",
  choose: (task) => `${task} wählen`,
  chooseAll: "Alle dieser Seite wählen",
  exportAs: "Gezeigte exportieren",
  ndjson: "als NDJSON",
  csv: "als CSV",
  lettersOf: (what) => `die von ${what}`,
  really: {
    redrive: (number) => `${number} wiederholen?`,
    discard: (number) => `${number} verwerfen?`,
  },
  letters: (number, more) => (more ? `${written(number, "de")}+ gescheiterte Aufträge` : letters(number)),
  effect: {
    redrive: "Sie laufen neu, mit allen Versuchen. Was nicht begonnen hat, lässt sich zehn Minuten lang zurückholen.",
    discard: "Sie und ihre Geschichte sind endgültig weg.",
  },
  done: {
    redrive: (number, goesOn) => `${letters(number)} laufen neu${goesOn ? ", bisher; ein Auftrag macht mit dem Rest weiter" : ""}`,
    discard: (number, goesOn) => `${letters(number)} verworfen${goesOn ? ", bisher; ein Auftrag macht mit dem Rest weiter" : ""}`,
  },
  hundred: "Gezeigt sind die hundert Ursachen mit den meisten Aufträgen.",
};
