import { describe, expect, test } from "vitest";

import { en } from "../../i18n/en";
import { aFigures, aQueue, aWorker, NOW } from "../../testing/samples";
import { growth } from "./useGrowth";
import { verdict, type Seen } from "./verdict";

const ago = (seconds: number) => new Date(NOW - seconds * 1_000).toISOString();

function seen(more: Partial<Seen>): Seen {
  return { queues: [aQueue("mail")], workers: [aWorker()], pace: aFigures({}), growth: new Map(), now: NOW, ...more };
}

const late = aQueue("webhooks", { counts: { waiting: 311 }, oldest_waiting_at: ago(240) });

describe("the verdict", () => {
  test("of a store without queues: nothing has been enqueued", () => {
    expect(verdict(seen({ queues: [], workers: [] })).kind).toBe("nothing");
  });

  test("without workers: nobody runs what waits, and quiet where nothing is there", () => {
    const queues = [aQueue("mail", { counts: { waiting: 3 } })];
    expect(verdict(seen({ queues, workers: [] }))).toEqual({ kind: "nobody", waiting: 3 });
    expect(verdict(seen({ workers: [] })).kind).toBe("quiet");
  });

  test("who may not see workers is not told that there are none", () => {
    const queues = [aQueue("mail", { counts: { waiting: 3 }, oldest_waiting_at: ago(2) })];
    expect(verdict(seen({ queues, workers: undefined })).kind).toBe("keeping");
  });

  test("falls behind where more waits than five minutes get done, and it waits for long", () => {
    const pace = aFigures({ webhooks: 50 });
    expect(verdict(seen({ queues: [late], pace }))).toMatchObject({ kind: "behind", queue: "webhooks", waiting: 311, oldest: 240_000, out: 10, into: undefined });
    const fast = aFigures({ webhooks: 5_000 });
    expect(verdict(seen({ queues: [late], pace: fast })).kind).toBe("keeping");
    const fresh = aQueue("webhooks", { counts: { waiting: 311 }, oldest_waiting_at: ago(30) });
    expect(verdict(seen({ queues: [fresh], pace })).kind).toBe("keeping");
  });

  test("tells what comes in where that was watched", () => {
    const found = verdict(seen({ queues: [late], pace: aFigures({ webhooks: 450 }), growth: new Map([["webhooks", 221]]) }));
    expect(found).toMatchObject({ kind: "behind", out: 90, into: 311 });
    expect(en.overview.verdict.behindBy("webhooks", 311, 90)).toBe("Falling behind on webhooks: 311 in, 90 out a minute");
  });

  test("names the fullest of several, and how many others", () => {
    const other = aQueue("mail", { counts: { waiting: 20 }, oldest_waiting_at: ago(100) });
    expect(verdict(seen({ queues: [other, late] }))).toMatchObject({ queue: "webhooks", others: 1 });
  });

  test("a queue that nobody works on is told by its own name", () => {
    expect(verdict(seen({ queues: [late], workers: [aWorker({ queues: ["mail"] })] }))).toMatchObject({ kind: "unheard", queue: "webhooks" });
  });

  test("what is paused is no fault", () => {
    const paused = { ...late, paused: true };
    expect(verdict(seen({ queues: [paused] }))).toEqual({ kind: "paused", waiting: 311 });
    expect(verdict(seen({ queues: [paused, aQueue("mail", { counts: { waiting: 1 } })], pace: aFigures({ mail: 5 }) })).kind).toBe("keeping");
  });
});

describe("growth", () => {
  const sample = (seconds: number, waiting: number) => [NOW + seconds * 1_000, new Map([["mail", waiting]])] as const;

  test("is told per minute, from the first to the last look", () => {
    expect(growth([sample(0, 10), sample(10, 90), sample(30, 40)]).get("mail")).toBe(60);
  });

  test("is not guessed from two looks in a row", () => {
    expect(growth([sample(0, 10), sample(5, 90)]).size).toBe(0);
  });
});
