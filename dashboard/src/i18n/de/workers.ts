import type { Words } from "../parts";
import { plural, written } from "../plural";

const some = (count: number) => plural("de", count, { one: "Worker", other: "Worker" });

export const workers: Words["workers"] = {
  title: "Worker",
  headline: (count, running, slots) => `${some(count)}, ${written(running, "de")} von ${written(slots, "de")} Plätzen belegt`,
  headlineBare: some,
  nobody: "Kein Worker läuft",
  nobodyWhy: "Nichts wird aufgenommen, bis einer läuft. Starten Sie einen neben Ihrem Programm:",
  start: "tidemill worker --app jobs:app",
  name: "Worker",
  host: "Rechner",
  slots: "Plätze",
  slotsSaid: (running, slots) => `${written(running, "de")} von ${written(slots, "de")} Plätzen belegt`,
  busy: "Belegt",
  version: "Version",
  queues: "Warteschlangen",
  every: "alle",
  heartbeat: "Lebenszeichen",
  until: "Gilt bis",
  started: "Gestartet",
  now: "Führt aus",
  idle: "nichts",
  more: (count) => `und ${written(count, "de")} mehr`,
  attempts: "Was er ausgeführt hat",
  still: "seine Schleife steht",
  refused: (count) => `hat ${written(count, "de")} zu spät gemeldet`,
};
