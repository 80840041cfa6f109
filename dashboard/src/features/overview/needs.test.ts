import { expect, test } from "vitest";

import { aFigures, aQueue, aWorker, NOW } from "../../testing/samples";
import { hands } from "./needs";

const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const none = { queues: [], workers: [aWorker({ queues: ["mail"] })], lately: undefined, incidents: [], dead: { count: 0, more: false }, now: NOW };

test("nothing needs anybody where all is well", () => {
  expect(hands({ ...none, queues: [aQueue("mail", { counts: { waiting: 5 } })] })).toEqual([]);
});

test("queues without a worker, late ones and paused ones are told once each", () => {
  const queues = [
    aQueue("gpu", { counts: { waiting: 4 }, oldest_waiting_at: ago(30) }),
    aQueue("mail", { counts: { waiting: 4 }, oldest_waiting_at: ago(6) }),
    aQueue("sync", { counts: { waiting: 4 }, oldest_waiting_at: ago(60), paused: true, paused_by: "ana" }),
  ];
  expect(hands({ ...none, queues }).map((each) => [each.kind, "queue" in each && each.queue])).toEqual([
    ["unheard", "gpu"],
    ["late", "mail"],
    ["paused", "sync"],
  ]);
});

test("a task is failing where a quarter of several attempts went badly", () => {
  const task = (name: string, completed: number, failed: number) => ({ ...aFigures({}), task: name, endings: { completed, failed } });
  const lately = aFigures({}, { tasks: [task("bad", 6, 3), task("rare", 0, 2), task("well", 100, 3)] });
  expect(hands({ ...none, lately })).toEqual([{ kind: "failing", task: "bad", failed: 3, of: 9 }]);
});

test("alerts that somebody looks after already are left to them", () => {
  const incident = { id: "i", text: "too many", stage: "open", severity: "warning", began_at: ago(1), acknowledged_at: null } as never;
  const seen = { ...(incident as object), acknowledged_at: ago(0) } as never;
  expect(hands({ ...none, incidents: [incident, seen] }).map((each) => each.kind)).toEqual(["incident"]);
});
