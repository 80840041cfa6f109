/** How it looks here: kept in this browser, put on the page before anything is drawn. */

import { useSyncExternalStore } from "react";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];
export const DENSITIES = ["comfortable", "compact"] as const;
export type Density = (typeof DENSITIES)[number];

const THEME = "tidemill.theme";
const DENSITY = "tidemill.density";

export function theme(): Theme {
  return THEMES.find((each) => each === localStorage.getItem(THEME)) ?? "system";
}

export function density(): Density {
  return DENSITIES.find((each) => each === localStorage.getItem(DENSITY)) ?? "comfortable";
}

export function setTheme(next: Theme): void {
  localStorage.setItem(THEME, next);
  dress();
}

export function setDensity(next: Density): void {
  localStorage.setItem(DENSITY, next);
  dress();
}

const told = new Set<() => void>();

function listens(tell: () => void): () => void {
  told.add(tell);
  return () => told.delete(tell);
}

export function useTheme(): Theme {
  return useSyncExternalStore(listens, theme);
}

export function useDensity(): Density {
  return useSyncExternalStore(listens, density);
}

export function dress(): void {
  const root = document.documentElement;
  if (theme() === "system") delete root.dataset["theme"];
  else root.dataset["theme"] = theme();
  root.dataset["density"] = density();
  for (const each of told) each();
}
