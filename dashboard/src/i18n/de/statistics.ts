import { plural, written } from "../plural";
import type { Words } from "../parts";

export const statistics: Words["statistics"] = {
  title: "Statistik",
  headline: (ended, failed, p95) =>
    `${plural("de", ended, { one: "Versuch", other: "Versuche" })} beendet, ${failed ? `davon ${written(failed, "de")} gescheitert` : "keiner davon gescheitert"}${p95 ? `; 95\u00a0% liefen kürzer als ${p95}` : ""}`,
  against: (now, then) => {
    if (then === 0) return "In der Woche davor endete in diesen Stunden nichts.";
    const change = Math.round(((then - now) / now) * 100);
    return `In der Woche davor waren es ${written(then, "de")}: ${change === 0 ? "ebenso viele" : `${written(Math.abs(change), "de")} % ${change > 0 ? "mehr" : "weniger"}`}.`;
  },
  onAverage: (now, then) => `Im Mittel liefen sie ${now}${then ? `, eine Woche davor ${then}` : ""}.`,
  slower: (times) => `p95 das ${written(Math.round(times * 10) / 10, "de")}-Fache der Woche davor`,
  none: "In dieser Zeitspanne endete nichts.",
  all: "Alle Warteschlangen und Aufgaben ansehen",
  range: "Zeitspanne",
  ranges: { "-1h": "die letzte Stunde", "-6h": "die letzten 6 Stunden", "-24h": "die letzten 24 Stunden", "-7d": "die letzten 7 Tage", "-30d": "die letzten 30 Tage", "-90d": "die letzten 90 Tage" },
  step: "Nach",
  fitting: "passender Länge",
  steps: { minute: "Minute", hour: "Stunde", day: "Tag" },
  queue: "Warteschlange",
  task: "Aufgabe",
  anyQueue: "Jede Warteschlange",
  anyTask: "Jede Aufgabe",
  compare: "Neben der Woche davor",
  before: "die Woche davor",
  asTable: "Als Tabelle",
  at: "Ab",
  throughput: (step) => `Beendet je ${step}`,
  ended: "Beendet",
  failed: "Gescheitert",
  run: "Laufzeit",
  wait: "Wartezeit",
  success: "Erfolg",
  mean: "Mittlere Laufzeit",
  order: "Geordnet nach",
  orders: { ended: "Zahl der beendeten", failed: "Zahl der gescheiterten", p50: "Laufzeit p50", p95: "Laufzeit p95", mean: "mittlerer Laufzeit" },
  byTask: "Nach Aufgabe",
  byQueue: "Nach Warteschlange",
  says: (title, number, step) => `${title}, über ${plural("de", number, { one: step, other: step === "Tag" ? "Tage" : `${step}n` })}; Pfeiltasten nennen die Werte`,
};
