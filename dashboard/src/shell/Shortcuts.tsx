import { useNavigate } from "@tanstack/react-router";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";

import { useToast } from "../design/Toast";
import { useText } from "../i18n/text";
import { useHearing } from "../server/hearing";
import { leave, useSession } from "../server/session";
import { useKeys, useSingleKeys, type Verb } from "./keys";
import { PLACES } from "./places";
import { setTheme, theme, THEMES } from "./theme";
import { useTenants } from "./Whose";

const FETCH = { help: () => import("./Help"), palette: () => import("./Palette") };
const Help = lazy(async () => ({ default: (await FETCH.help()).Help }));
const Palette = lazy(async () => ({ default: (await FETCH.palette()).Palette }));

/** When what keys open is fetched, in milliseconds: after the page, and before somebody types into it. */
const LATER = 2_000;

/** Keys that work everywhere, and what they open. */
export function Shortcuts() {
  const [open, set] = useState<keyof typeof FETCH>();
  const navigate = useNavigate();
  const { verbs } = useKeys();
  const toast = useToast();
  const { permissions } = useSession();
  const { unreachable } = useText().common.failed;
  // Shown once it is there: what cannot be fetched now may be a moment later.
  const show = useCallback(
    (what: keyof typeof FETCH) => void FETCH[what]().then(() => set(what), () => toast(unreachable)),
    [toast, unreachable],
  );
  const commands = useCommands(useCallback(() => show("help"), [show]));
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isOurs = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!isOurs || (document.querySelector("dialog[open]") && open !== "palette")) return;
      event.preventDefault();
      if (open === "palette") set(undefined);
      else show("palette");
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [open, show]);
  useEffect(() => {
    const fetching = setTimeout(() => void Promise.allSettled([FETCH.help(), FETCH.palette()]), LATER);
    return () => clearTimeout(fetching);
  }, []);
  useSingleKeys((pressed) => {
    const verb = [...verbs(), ...commands].find((each) => each.key === pressed);
    if (verb) return () => (verb.refused ? toast(verb.refused) : verb.act());
    const place = PLACES.find((each) => each.key && `g ${each.key}` === pressed);
    if (place && permissions.includes(place.needs)) return () => void navigate({ to: place.to });
    return undefined;
  }, "g");
  const close = () => set(undefined);
  return (
    <Suspense>
      {open === "help" ? <Help onClose={close} /> : null}
      {open === "palette" ? <Palette commands={commands} onClose={close} /> : null}
    </Suspense>
  );
}

function useCommands(help: () => void): readonly Verb[] {
  const text = useText("shell").shell;
  const live = useText().common.live;
  const { hearing, pause } = useHearing();
  const { kind } = useSession();
  const tenants = useTenants();
  const isPaused = hearing === "paused";
  return useMemo(
    () => [
      { name: text.help.title, key: "?", act: help },
      {
        name: text.help.theme,
        key: "t",
        act: () => setTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? "system"),
      },
      // The words name the key as well, which the palette shows by itself.
      { name: (isPaused ? live.resume : live.pause).replace(/ \(p\)$/, ""), key: "p", act: () => pause(!isPaused) },
      ...tenants.filter((each) => !each.chosen).map((each) => each.verb),
      ...(kind === "user" ? [{ name: text.leave, act: () => void leave() }] : []),
    ],
    [text, live, isPaused, pause, tenants, kind, help],
  );
}
