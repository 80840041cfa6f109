import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { early, pages } from "./pages.ts";

interface Known {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null;
}

const LOGIN = fileURLToPath(new URL("src/features/session/Login.tsx", import.meta.url));
const EARLY = "src/early.ts";
const MAIN = fileURLToPath(new URL("src/main.tsx", import.meta.url));
const PLURAL = fileURLToPath(new URL("src/i18n/plural.ts", import.meta.url));
const FRAME = fileURLToPath(new URL("src/shell/Layout.tsx", import.meta.url));
/** The words that nearly every page has some of: one file in each language. */
const EVERYDAY = /\/i18n\/(?<language>en|de)\/(?:common|shell|overview|queues|workers)\.ts$/;
/** What so many pages share is sent as one file; a page would ask for forty small ones else. */
const SHARED = 3;

const needs = new Map<string, Set<string>>();

/** Whether a module is needed before another one does anything. */
function isNeededBy(source: string, id: string, known: Known): boolean {
  let found = needs.get(source);
  if (!found) {
    needs.set(source, (found = new Set()));
    const left = [source];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      left.push(...(known.getModuleInfo(next)?.importedIds ?? []));
    }
  }
  return found.has(id);
}

/** Whether a module is needed even by whoever logs in, who is shown no frame; or by all words. */
function isOfKit(id: string, known: Known): boolean {
  return (id !== LOGIN && isNeededBy(LOGIN, id, known)) || id === PLURAL;
}

const isScript = (id: string) => id !== MAIN && !id.endsWith(".css");

export default defineConfig({
  base: "./", // the server says in <base href> where it has been mounted
  plugins: [react(), early(), pages(fileURLToPath(new URL("src/router.tsx", import.meta.url)))],
  css: { transformer: "lightningcss" },
  build: {
    outDir: "../src/tidemill/api/dashboard",
    emptyOutDir: true,
    cssCodeSplit: false,
    assetsInlineLimit: 0, // a data: URL would break the content security policy
    modulePreload: { polyfill: false }, // it is an inline script
    reportCompressedSize: false,
    rolldownOptions: {
      input: { index: "index.html", early: EARLY },
      output: {
        codeSplitting: {
          groups: [
            // Before any page, on every one, around it, on many: each as one file, for each file has its price. A
            // group takes along what its modules need, so what more of them need is taken before.
            { name: (id, known) => (isScript(id) && (isNeededBy(MAIN, id, known) || id.startsWith("\0")) ? "first" : null), priority: 4 },
            { name: (id, known) => (isScript(id) && isOfKit(id, known) ? "kit" : null), priority: 3 },
            { name: (id, known) => (isScript(id) && isNeededBy(FRAME, id, known) ? "frame" : null), priority: 2 },
            { name: (id) => EVERYDAY.exec(id)?.groups?.["language"] ?? null, priority: 2 },
            { name: (id) => (isScript(id) ? "shared" : null), minShareCount: SHARED, priority: 1 },
          ],
        },
      },
    },
  },
  test: { environment: "happy-dom", setupFiles: ["src/testing/setup.ts"], globals: false },
});
