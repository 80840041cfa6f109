import type { Words } from "../parts";
import { plural, written } from "../plural";

const count = (number: number) => plural("de", number, { one: "Auftrag", other: "Aufträge" });
const kinds = (number: number) => plural("de", number, { one: "Art von Fehler", other: "Arten von Fehlern" });

export const failures: Words["failures"] = {
  title: "Fehler",
  verdict: (number, jobs) => `${kinds(number)}, ${count(jobs)}`,
  calmSince: (day) => `Seit ${day} ist nichts gescheitert`,
  calm: "Nichts ist gescheitert",
  kept: (number, jobs) => `${kinds(number)}, ${count(jobs)}, aus der Zeit davor.`,
  searched: (jobs) =>
    `Durchgesehen sind die neuesten ${written(jobs, "de")}, die gescheitert sind oder wiederholt werden; es gibt ältere.`,
  hundred: "Gezeigt sind die hundert mit den meisten Aufträgen.",
  none: "Kein Auftrag ist gescheitert, und keiner wartet auf eine Wiederholung.",
  noneMatch: "Kein Fehler passt.",
  showAll: "Alle Fehler zeigen",
  states: { all: "Alle", failed: "Endgültig gescheitert", retrying: "Werden wiederholt" },
  state: "Zustand",
  sort: "Reihenfolge",
  sorts: { count: "Meiste Aufträge zuerst", last: "Letzte zuerst" },
  task: "Aufgabe",
  onlyTask: (task) => `Nur die von ${task}`,
  anyTask: (task) => `Nur von ${task}; die aller Aufgaben zeigen`,
  jobs: "Aufträge",
  when: "Zwei Tage",
  first: "Zuerst",
  last: "Zuletzt",
  failure: "Fehler",
  hour: (number, time) => `${count(number)} in der Stunde ab ${time}`,
  spark: (number, most) => `${count(number)} in den letzten zwei Tagen, höchstens ${written(most, "de")} in einer Stunde`,
  masked: "Ihre Rolle darf nicht sehen, was er sagt",
  trait: (all, what, share) => `${all ? "alle" : share} mit ${what}`,
  others: (have, of) =>
    of === 0
      ? "kein erledigter Auftrag zum Vergleich"
      : have === 0
        ? `keiner von ${written(of, "de")} erledigten`
        : `${written(have, "de")} von ${written(of, "de")} erledigten`,
  traitsTitle: "Was sie unterscheidet",
  traitsNone: "Nichts, was die meisten von ihnen haben und erledigte Aufträge der Aufgabe meist nicht.",
  traitsFew: "Bei so wenigen Aufträgen lässt sich nichts sagen.",
  kinds: { argument: "Argument", tag: "Tag", queue: "Warteschlange", tenant: "Mandant", attempt: "Versuch" },
  have: "Gescheitert damit",
  haveNot: "Erledigt damit",
  what: "Was",
  of: (have, all) => `${written(have, "de")} von ${written(all, "de")}`,
  failsWith: (task, kind) => `${task} scheitert mit ${kind}`,
  spanned: (jobs) => count(jobs),
  since: "zuerst",
  lastly: "zuletzt",
  gone: "So scheitert nichts mehr",
  goneWhy: "Die Aufträge wurden wiederholt oder gelöscht. Unten steht, was zuvor bekannt war.",
  example: "Beispiel",
  exampleOf: "von Auftrag",
  shown: (number, of) => `die neuesten ${written(number, "de")} von ${written(of, "de")}`,
  place: "Entstanden in",
  queues: "Warteschlangen",
  fingerprint: "Fingerabdruck",
  about: "Über diesen Fehler",
  retryAll: (number) => `${written(number, "de")} wiederholen`,
  retryTry: "Erst 5 wiederholen",
  cancelAll: (number) => (number ? `${written(number, "de")} nicht mehr wiederholen` : "Nicht mehr wiederholen"),
  deleteAll: (number) => `${written(number, "de")} löschen`,
  noneFailed: "Keiner ist endgültig gescheitert",
  noneRetrying: "Keiner wartet auf eine Wiederholung",
  tooFew: "Es sind nicht mehr als fünf; wiederholen Sie alle",
  watched: "Fünf werden gerade versucht; warten Sie sie ab, oder sehen Sie nicht länger zu",
  really: {
    retry: (number) => `${count(number)} wiederholen?`,
    canary: (number) => `Erst 5 von ${plural("de", number, { one: "Auftrag", other: "Aufträgen" })} wiederholen?`,
    cancel: (number) => `${count(number)} abbrechen?`,
    delete: (number) => `${count(number)} löschen?`,
  },
  effect: {
    retry: "Sie laufen neu, mit allen Versuchen. Was nicht begonnen hat, lässt sich zehn Minuten lang zurückholen.",
    canary:
      "Fünf laufen neu, und diese Seite sieht ihnen zu. Sind alle fünf erledigt, werden die anderen wiederholt; geht einer schief, bleiben sie, wie sie sind. Verlassen Sie diese Seite, so warten sie, bis Sie wieder da sind.",
    cancel: "Sie werden nicht noch einmal versucht und als abgebrochen aufbewahrt.",
    delete: "Sie und ihre Geschichte sind endgültig weg. Was läuft, bleibt.",
  },
  done: {
    retry: (number) => `${count(number)} werden wiederholt`,
    canary: (number) => `${count(number)} werden versucht`,
    cancel: (number) => `${count(number)} abgebrochen`,
    delete: (number) => `${count(number)} gelöscht`,
  },
  verbs: { retry: "Wiederholen", canary: "Versuchen", cancel: "Abbrechen", delete: "Löschen" },
  canary: {
    title: "Erst fünf",
    trying: (done, of, rest) =>
      `${written(done, "de")} von ${written(of, "de")} sind erledigt. Die anderen ${written(rest, "de")} warten, bis es alle sind.`,
    passed: (of) => `Alle ${written(of, "de")} sind erledigt; die anderen werden wiederholt.`,
    finished: (of, rest) =>
      `Alle ${written(of, "de")} sind erledigt, und die anderen ${written(rest, "de")} werden wiederholt.`,
    stopped: (failed, of, rest) =>
      `${written(failed, "de")} von ${written(of, "de")} gingen wieder schief. Die anderen ${written(rest, "de")} blieben, wie sie waren.`,
    unsaid: "Alle sind erledigt, aber die anderen konnten nicht wiederholt werden.",
    back: (of, rest) =>
      `Alle ${written(of, "de")} sind erledigt, während niemand zusah. Die anderen ${written(rest, "de")} warten auf Ihr Wort.`,
    asked: (rest) => `Die anderen ${written(rest, "de")} sollten wiederholt werden. Was daraus wurde, steht unter`,
    goNow: (rest) => `Die anderen ${written(rest, "de")} wiederholen`,
    stay: "Die anderen folgen von selbst, solange diese Seite offen ist. Verlassen Sie sie, so wartet der Versuch hier auf Sie.",
    goOn: (rest) => `Die anderen ${written(rest, "de")} trotzdem wiederholen`,
    stop: "Nicht länger zusehen",
    close: "Fertig",
    slow: "Noch keiner ist zu Ende. Läuft ein Worker für ihre Warteschlange?",
    gone: "nicht mehr da",
  },
};
