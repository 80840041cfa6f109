import { fileURLToPath } from "node:url";

import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

import { pages } from "./pages.ts";

interface Known {
  getModuleInfo: (id: string) => { importedIds: readonly string[] } | null;
}

const MAIN = fileURLToPath(new URL("src/main.tsx", import.meta.url));
/** What so many pages share is sent as one file; a page would ask for forty small ones else. */
const SHARED = 6;

const first = new Set<string>();

/** Whether a module is needed before any page. */
function isFirst(id: string, known: Known): boolean {
  const left = first.size === 0 ? [MAIN] : [];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (first.has(next)) continue;
    first.add(next);
    left.push(...(known.getModuleInfo(next)?.importedIds ?? []));
  }
  return first.has(id) || id.startsWith("\0");
}

const isScript = (id: string) => id !== MAIN && !id.endsWith(".css");

export default defineConfig({
  base: "./", // the server says in <base href> where it has been mounted
  plugins: [react(), pages(fileURLToPath(new URL("src/router.tsx", import.meta.url)))],
  css: { transformer: "lightningcss" },
  build: {
    outDir: "../src/tidemill/api/dashboard",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0, // a data: URL would break the content security policy
    modulePreload: { polyfill: false }, // it is an inline script
    reportCompressedSize: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // Taken first, lest what pages share be sent before any of them.
            { name: (id, known) => (isScript(id) && isFirst(id, known) ? "first" : null), priority: 2 },
            { name: (id) => (isScript(id) ? "kit" : null), minShareCount: SHARED, priority: 1 },
          ],
        },
      },
    },
  },
  test: { environment: "happy-dom", setupFiles: ["src/testing/setup.ts"], globals: false },
});
