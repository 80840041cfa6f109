import { expect, test, vi } from "vitest";

import { Speech, type Sources } from "./speech";

interface Words {
  jobs: string;
  queues: string;
}

/** A source whose words come when they are let go. */
function held() {
  let go!: (words: string) => void;
  const words = new Promise<string>((resolve) => (go = resolve));
  return { words, go };
}

const says = (language: string): Sources<"en", Words>["en"] => ({
  jobs: vi.fn(async () => ({ jobs: `jobs ${language}` })),
  queues: vi.fn(async () => ({ queues: `queues ${language}` })),
});

const both = () => ({ en: says("en"), de: says("de") });

test("only what is asked for is fetched, once, and those who listen are told", async () => {
  const sources = both();
  const speech = new Speech<"en" | "de", Words>(sources, "de");
  const told = vi.fn();
  speech.listen(told);
  await Promise.all([speech.fetch("jobs"), speech.fetch("jobs")]);
  expect(speech.known).toEqual({ jobs: "jobs de" });
  expect(sources.de.jobs).toHaveBeenCalledTimes(1);
  expect(sources.de.queues).not.toHaveBeenCalled();
  expect(sources.en.jobs).not.toHaveBeenCalled();
  expect(told).toHaveBeenCalledTimes(1);
});

test("another language is spoken when all its words are there, and not before", async () => {
  const { words, go } = held();
  const sources = { ...both(), de: { ...says("de"), jobs: async () => ({ jobs: await words }) } };
  const speech = new Speech<"en" | "de", Words>(sources, "en");
  await speech.fetch("jobs");
  await speech.fetch("queues");
  const spoken = speech.speak("de");
  expect([speech.language, speech.known]).toEqual(["en", { jobs: "jobs en", queues: "queues en" }]);
  go("jobs de");
  await spoken;
  expect([speech.language, speech.known]).toEqual(["de", { jobs: "jobs de", queues: "queues de" }]);
});

test("of two languages the one that was chosen last is spoken, whichever comes first", async () => {
  const { words, go } = held();
  const sources = { ...both(), de: { ...says("de"), jobs: async () => ({ jobs: await words }) } };
  const speech = new Speech<"en" | "de", Words>(sources, "en");
  await speech.fetch("jobs");
  const german = speech.speak("de");
  await speech.speak("en");
  go("jobs de");
  await german;
  expect([speech.language, speech.known]).toEqual(["en", { jobs: "jobs en" }]);
});

test("words that come after another language was chosen are not mixed into it", async () => {
  const { words, go } = held();
  const sources = { ...both(), en: { ...says("en"), queues: async () => ({ queues: await words }) } };
  const speech = new Speech<"en" | "de", Words>(sources, "en");
  const english = speech.fetch("queues");
  await speech.speak("de");
  go("queues en");
  await english;
  expect(speech.known).toEqual({ queues: "queues de" });
});

test("words that did not come are asked for again", async () => {
  let tries = 0;
  const jobs = async () => {
    if (tries++ === 0) throw new TypeError("away");
    return { jobs: "jobs" };
  };
  const speech = new Speech<"en", Words>({ en: { ...says("en"), jobs } }, "en");
  await expect(speech.fetch("jobs")).rejects.toThrow("away");
  await speech.fetch("jobs");
  expect(speech.known.jobs).toBe("jobs");
});
