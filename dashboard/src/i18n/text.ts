/** Every word that is shown, in the language of whoever looks. */

import { use, useSyncExternalStore } from "react";

import { PARTS, type Language, type Part, type Words } from "./parts";
import { Speech } from "./speech";

export type { Language, Part };

/** The words of these parts, and those that all pages share. */
export type Text<P extends Part = "common"> = Pick<Words, P | "common">;

export const LANGUAGES: Record<Language, string> = { en: "English", de: "Deutsch" };

const KEPT = "tidemill.language";

const speech = new Speech(PARTS, wished());

function tellBrowser(): void {
  document.documentElement.lang = speech.language;
}

tellBrowser();
speech.listen(tellBrowser);

function wished(): Language {
  const wanted = localStorage.getItem(KEPT) ?? navigator.language.slice(0, 2);
  return wanted in LANGUAGES ? (wanted as Language) : "en";
}

/** Fetches the words of these parts, where they are not there yet. */
export async function fetchWords(...parts: readonly Part[]): Promise<void> {
  await Promise.all(["common" as const, ...parts].map((part) => speech.fetch(part)));
}

/** The words of these parts; what says them waits until they are there. */
export function useText<P extends Part = "common">(...parts: readonly P[]): Text<P> {
  const text = useSyncExternalStore(speech.listen, () => speech.known);
  for (const part of [...parts, "common" as const]) if (!(part in text)) use(speech.fetch(part));
  return text as Text<P>;
}

export function useLanguage() {
  const language = useSyncExternalStore(speech.listen, () => speech.language);
  const choose = (next: Language) => {
    localStorage.setItem(KEPT, next);
    void speech.speak(next);
  };
  return { language, choose };
}
