/** Single keys: what each does now, and whether they do anything at all (WCAG 2.1.4). */

import { createContext, use, useEffect, useEffectEvent, useMemo, useRef, useState, type ReactNode } from "react";

const KEPT = "tidemill.keys";

/** Something that can be done on the present page. */
export interface Verb {
  name: string;
  act: () => void;
  /** The single key that does it. */
  key?: string;
  /** Why it cannot be done now. */
  refused?: string | undefined;
}

interface Held {
  on: boolean;
  turn: (on: boolean) => void;
  /** Verbs of whatever is on the page, the newest part first. */
  verbs: () => readonly Verb[];
  add: (part: { current: readonly Verb[] }) => () => void;
}

const Keys = createContext<Held>({ on: true, turn: () => undefined, verbs: () => [], add: () => () => undefined });

export function Keyed({ children }: { children: ReactNode }) {
  const [on, set] = useState(() => localStorage.getItem(KEPT) !== "off");
  const parts = useRef<{ current: readonly Verb[] }[]>([]);
  const value = useMemo<Held>(
    () => ({
      on,
      turn: (next) => {
        localStorage.setItem(KEPT, next ? "on" : "off");
        set(next);
      },
      verbs: () => parts.current.flatMap((part) => part.current),
      add: (part) => {
        parts.current = [part, ...parts.current];
        return () => {
          parts.current = parts.current.filter((each) => each !== part);
        };
      },
    }),
    [on],
  );
  useEffect(() => {
    if (on) return;
    // Whoever listens for single keys, wherever that is, does not hear them; fields still do.
    const hush = (event: KeyboardEvent) => {
      const isSingle = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (isSingle && !isInField(event.target)) event.stopImmediatePropagation();
    };
    addEventListener("keydown", hush, { capture: true });
    return () => removeEventListener("keydown", hush, { capture: true });
  }, [on]);
  return <Keys value={value}>{children}</Keys>;
}

export function useKeys(): Held {
  return use(Keys);
}

/** Offers what can be done here to the palette and, by its key, to the keyboard. */
export function useVerbs(verbs: readonly Verb[]): void {
  const { add } = useKeys();
  const part = useRef(verbs);
  useEffect(() => {
    part.current = verbs;
  }, [verbs]);
  useEffect(() => add(part), [add]);
}

/** Whether a key is meant for a field, or for what is open above the page. */
export function isBusy(event: KeyboardEvent): boolean {
  if (document.querySelector("dialog[open]")) return true;
  return isInField(event.target) || (event.target instanceof Element && event.target.closest("[role=menu]") !== null);
}

function isInField(at: EventTarget | null): boolean {
  return at instanceof Element && at.closest("input:not([type=checkbox]), textarea, select, [contenteditable]") !== null;
}

const PATIENCE = 1_500;

/** Acts on single keys; a key may be two, one after the other, as `g j`. */
export function useSingleKeys(what: (pressed: string) => (() => void) | undefined, begins: string): void {
  const { on } = useKeys();
  const find = useEffectEvent(what);
  useEffect(() => {
    if (!on) return;
    let first = "";
    let begun = 0;
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || isBusy(event)) return;
      const isSecond = first !== "" && Date.now() - begun < PATIENCE;
      const pressed = isSecond ? `${first} ${event.key}` : event.key;
      first = "";
      if (!isSecond && event.key === begins) {
        first = begins;
        begun = Date.now();
        return;
      }
      const act = find(pressed);
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [on, begins]);
}
