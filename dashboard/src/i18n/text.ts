/** Every word that is shown, in the language of whoever looks; fetched part by part, with the pages that say them. */

import { use, useSyncExternalStore } from "react";

import { PARTS, type Language, type Part, type Words } from "./parts";

export type { Language, Part };

/** The words of these parts, and those that all pages share. */
export type Text<P extends Part = "common"> = Pick<Words, P | "common">;

export const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

const KEPT = "tidemill.language";

let language = wished();
let known: Partial<Words> = {};
/** What of this language has been asked for. */
let coming = new Map<Part, Promise<void>>();
const told = new Set<() => void>();

document.documentElement.lang = language;

function wished(): Language {
  const wanted = localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2);
  return wanted in LANGUAGES ? (wanted as Language) : "en";
}

function tell(): void {
  for (const each of told) each();
}

function listens(tells: () => void): () => void {
  told.add(tells);
  return () => told.delete(tells);
}

function fetchPart(part: Part): Promise<void> {
  const asked = coming;
  const found = asked.get(part);
  if (found) return found;
  const fetched = PARTS[language][part]().then(
    (words) => {
      // Whoever has chosen another language meanwhile has no need of it.
      if (asked === coming) known = { ...known, [part]: (words as Words)[part] };
      tell();
    },
    (error: unknown) => {
      asked.delete(part);
      throw error;
    },
  );
  asked.set(part, fetched);
  return fetched;
}

/** Fetches the words of these parts, where they are not there yet. */
export async function fetchWords(...parts: readonly Part[]): Promise<void> {
  await Promise.all(["common" as const, ...parts].map(fetchPart));
}

/** Shows everything in another language, as soon as its words are there. */
export async function speak(next: Language): Promise<void> {
  localStorage.setItem(KEPT, next);
  const parts = [...coming.keys()];
  const words = await Promise.all(parts.map(async (part) => [part, (await PARTS[next][part]() as Words)[part]] as const));
  if (localStorage.getItem(KEPT) !== next) return;
  language = next;
  known = Object.fromEntries(words);
  coming = new Map(parts.map((part) => [part, Promise.resolve()]));
  document.documentElement.lang = next;
  tell();
}

/** The words of these parts; what says them waits until they are there. */
export function useText<P extends Part = "common">(...parts: readonly P[]): Text<P> {
  const text = useSyncExternalStore(listens, () => known);
  for (const part of [...parts, "common" as const]) if (!(part in text)) use(fetchPart(part));
  return text as Text<P>;
}

export function useLanguage() {
  return { language: useSyncExternalStore(listens, () => language), choose: (next: Language) => void speak(next) };
}
