/** Writes down which files each page needs, so that the server can name them before any script has run. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Plugin } from "vite";

interface Made {
  file: string;
  imports?: string[];
  css?: string[];
}

type Manifest = Partial<Record<string, Made>>;

const LANGUAGES = ["en", "de"];
/** Those of the letters that either language is written in. */
const FONT = /-latin-(?!ext).*\.woff2$/;
const FRAME = "shell/Layout";
/** A path of the router's table, or what is shown there and the parts of the words that it says. */
const ENTRY = /(?:page\(|path: )"(?<path>[^"]+)"|shown\(\(\) => import\("\.\/(?<page>[^"]+)"\), "\w+"(?<words>(?:, "\w+")*)\)/g;

export function pages(router: string): Plugin {
  let folder = "";
  return {
    name: "pages",
    configResolved(config) {
      folder = join(config.root, config.build.outDir);
    },
    async closeBundle() {
      const manifest = JSON.parse(await readFile(join(folder, "manifest.json"), "utf-8")) as Manifest;
      const table = read(await readFile(router, "utf-8"));
      const fonts = Object.values(manifest).flatMap((made) => (made && FONT.test(made.file) ? [made.file] : []));
      const frame = table.find((each) => each.page === FRAME);
      if (!frame) throw new Error(`${router} names no ${FRAME}`);
      const found = table
        .filter((each) => each.path !== "")
        .map(({ path, page, words }) => ({ path, files: filesOf(manifest, fonts, path === "/login" ? [] : [frame], page, words) }));
      // A name that is written out goes before one that stands for any.
      found.sort((one, other) => Number(one.path.includes("$")) - Number(other.path.includes("$")));
      await writeFile(join(folder, "pages.json"), JSON.stringify(found));
    },
  };
}

function read(source: string) {
  const table: { path: string; page: string; words: string[] }[] = [];
  let path = "";
  for (const { groups } of source.matchAll(ENTRY)) {
    if (groups?.["path"] !== undefined) path = groups["path"];
    else if (groups?.["page"] !== undefined) {
      table.push({ path, page: groups["page"], words: groups["words"]?.match(/\w+/g) ?? [] });
      path = "";
    }
  }
  return table;
}

function filesOf(manifest: Manifest, fonts: readonly string[], around: readonly { page: string; words: string[] }[], page: string, words: readonly string[]) {
  const shown = [...around.map((each) => each.page), page].map((each) => `src/${each}.tsx`);
  const said = new Set(["common", ...around.flatMap((each) => each.words), ...words]);
  const atFirst = needed(manifest, ["index.html"]);
  return Object.fromEntries(
    LANGUAGES.map((language) => {
      const files = needed(manifest, [...shown, ...[...said].map((part) => `src/i18n/${language}/${part}.ts`)]);
      return [language, [...fonts, ...[...files].filter((file) => !atFirst.has(file))]];
    }),
  );
}

/** All files that these sources need before they do anything. */
function needed(manifest: Manifest, sources: readonly string[]): Set<string> {
  const files = new Set<string>();
  const seen = new Set<string>();
  const left = [...sources];
  for (let name = left.pop(); name !== undefined; name = left.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const made = manifest[name];
    if (!made) throw new Error(`nothing was made of ${name}`);
    left.push(...(made.imports ?? []));
    for (const file of [made.file, ...(made.css ?? [])]) files.add(file);
  }
  return files;
}
