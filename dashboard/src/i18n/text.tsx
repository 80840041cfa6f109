/** Every word that is shown, in the language of whoever looks. */

import { createContext, use, useEffect, useState, type ReactNode } from "react";

import { en } from "./en";

export type Text = typeof en;
export const LANGUAGES = { en: "English", de: "Deutsch" } as const;
export type Language = keyof typeof LANGUAGES;

const LOAD: Record<Language, () => Promise<Text>> = {
  en: async () => en,
  de: async () => (await import("./de")).de,
};

const Words = createContext<{ text: Text; language: Language; choose: (language: Language) => void }>({
  text: en,
  language: "en",
  choose: () => undefined,
});

const KEPT = "tidemill.language";

export function spoken(): Language {
  const kept = localStorage.getItem(KEPT);
  const wanted = kept ?? navigator.language.slice(0, 2);
  return wanted in LANGUAGES ? (wanted as Language) : "en";
}

export function Spoken({ children }: { children: ReactNode }) {
  const [language, choose] = useState(spoken);
  const [text, setText] = useState(en);
  useEffect(() => {
    let wanted = true;
    void LOAD[language]().then((found) => {
      if (wanted) setText(found);
      document.documentElement.lang = language;
    });
    return () => {
      wanted = false;
    };
  }, [language]);
  const keep = (next: Language) => {
    localStorage.setItem(KEPT, next);
    choose(next);
  };
  return <Words value={{ text, language, choose: keep }}>{children}</Words>;
}

export function useText(): Text {
  return use(Words).text;
}

export function useLanguage() {
  const { language, choose } = use(Words);
  return { language, choose };
}
