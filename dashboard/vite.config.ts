import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  base: "./", // the server says in <base href> where it has been mounted
  plugins: [react()],
  css: { transformer: "lightningcss" },
  build: {
    outDir: "../src/tidemill/api/dashboard",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0, // a data: URL would break the content security policy
    modulePreload: { polyfill: false }, // it is an inline script
    reportCompressedSize: false,
  },
  test: { environment: "happy-dom", setupFiles: ["src/testing/setup.ts"], globals: false },
});
