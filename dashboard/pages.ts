/** Writes down which files each page needs, so that the server can name them before any script has run. */

import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";

import type { Plugin, Rolldown } from "vite";

type Bundle = Rolldown.OutputBundle;
type Chunk = Rolldown.OutputChunk & { viteMetadata?: { importedCss: Set<string> } };

const LANGUAGES = ["en", "de"];
/** Those of the letters that either language is written in. */
const FONT = /-latin-(?!ext).*\.woff2$/;
const FRAME = "shell/Layout";
/** A path of the router's table with what is asked there first, or what is shown there and the parts of the words that it says. */
const ENTRY = /(?:page\(|path: )"(?<path>[^"]+)"(?<first>(?:, "[^"]+")*)|(?:shown|paged)\(\(\) => import\("\.\/(?<page>[^"]+)"\), "\w+"(?<words>(?:, "\w+")*)\)/g;

/** Has the page run a script of its own at once: no module, for browsers have even asynchronous ones wait. */
export function early(): Plugin {
  return {
    name: "early",
    transformIndexHtml: {
      order: "post",
      handler(_page, { bundle }) {
        const script = Object.values(bundle ?? {}).find((made) => made.type === "chunk" && made.isEntry && made.name === "early");
        if (!script) return [];
        return [{ tag: "script", attrs: { src: `./${script.fileName}` }, injectTo: "head-prepend" }];
      },
    },
  };
}

export function pages(router: string): Plugin {
  let [root, folder] = ["", ""];
  return {
    name: "pages",
    configResolved(config) {
      root = config.root;
      folder = join(root, config.build.outDir);
    },
    async writeBundle(_options, bundle) {
      const made = new Made(bundle, root);
      const table = read(await readFile(router, "utf-8"));
      const frame = table.find((each) => each.page === FRAME);
      if (!frame) throw new Error(`${router} names no ${FRAME}`);
      const found = table
        .filter((each) => each.path !== "")
        .map((each) => ({ path: each.path, first: each.first, files: filesOf(made, each.path === "/login" ? [each] : [frame, each]) }));
      // A name that is written out goes before one that stands for any.
      found.sort((one, other) => Number(one.path.includes("$")) - Number(other.path.includes("$")));
      await writeFile(join(folder, "pages.json"), JSON.stringify(found));
    },
  };
}

interface Entry {
  path: string;
  first: string[];
  page: string;
  words: string[];
}

function read(source: string): Entry[] {
  const table: Entry[] = [];
  let path = "";
  let first: string[] = [];
  for (const { groups } of source.matchAll(ENTRY)) {
    if (groups?.["path"] !== undefined) {
      path = groups["path"];
      first = groups["first"]?.match(/[^", ]+/g) ?? [];
    } else if (groups?.["page"] !== undefined) {
      table.push({ path, first, page: groups["page"], words: groups["words"]?.match(/\w+/g) ?? [] });
      path = "";
    }
  }
  return table;
}

function filesOf(made: Made, shown: readonly Entry[]) {
  const pages = shown.map((each) => `src/${each.page}.tsx`);
  const said = new Set(["common", ...shown.flatMap((each) => each.words)]);
  const atFirst = made.filesOf(["src/main.tsx"]);
  return Object.fromEntries(
    LANGUAGES.map((language) => {
      const files = made.filesOf([...pages, ...[...said].map((part) => `src/i18n/${language}/${part}.ts`)]);
      return [language, [...made.fonts, ...[...files].filter((file) => !atFirst.has(file))]];
    }),
  );
}

/** What was made of which source. */
class Made {
  readonly fonts: readonly string[];
  readonly #chunks = new Map<string, Chunk>();
  readonly #homes = new Map<string, Chunk>();

  constructor(bundle: Bundle, root: string) {
    this.fonts = Object.keys(bundle).filter((file) => FONT.test(file));
    for (const made of Object.values(bundle)) {
      if (made.type !== "chunk") continue;
      this.#chunks.set(made.fileName, made);
      for (const source of made.moduleIds) this.#homes.set(relative(root, source), made);
    }
  }

  /** All files that these sources need before they do anything. */
  filesOf(sources: readonly string[]): Set<string> {
    const files = new Set<string>();
    const left = sources.map((source) => {
      const home = this.#homes.get(source);
      if (!home) throw new Error(`nothing was made of ${source}`);
      return home.fileName;
    });
    for (let name = left.pop(); name !== undefined; name = left.pop()) {
      const chunk = this.#chunks.get(name);
      if (!chunk || files.has(name)) continue;
      left.push(...chunk.imports);
      for (const file of [name, ...(chunk.viteMetadata?.importedCss ?? [])]) files.add(file);
    }
    return files;
  }
}
