import { plural, written } from "../plural";

export const workers = {
  title: "Workers",
  headline: (count: number, running: number, slots: number) =>
    `${plural("en", count, { one: "worker", other: "workers" })}, ${written(running, "en")} of ${written(slots, "en")} slots taken`,
  headlineBare: (count: number) => plural("en", count, { one: "worker", other: "workers" }),
  nobody: "No worker is running",
  nobodyWhy: "Nothing is taken up until one runs. Start one beside your program:",
  start: "tidemill worker --app jobs:app",
  name: "Worker",
  host: "Host",
  slots: "Slots",
  slotsSaid: (running: number, slots: number) => `${written(running, "en")} of ${written(slots, "en")} slots taken`,
  busy: "Taken",
  version: "Version",
  queues: "Queues",
  every: "all",
  heartbeat: "Heartbeat",
  until: "Lease until",
  started: "Started",
  now: "Runs now",
  idle: "nothing",
  more: (count: number) => `and ${written(count, "en")} more`,
  attempts: "What it has run",
  still: "its loop stands still",
  refused: (count: number) => `reported ${written(count, "en")} too late`,
};
