/** Words in one of some languages, fetched part by part; those who show them are told of what comes. */

/** Where the words of each part are, in each language. */
export type Sources<L extends string, W> = Record<L, { [P in keyof W]: () => Promise<Pick<W, P>> }>;

export class Speech<L extends string, W extends object> {
  language: L;
  /** The words that are there. */
  known: Partial<W> = {};
  readonly #sources: Sources<L, W>;
  readonly #told = new Set<() => void>();
  /** What of this language has been asked for. */
  #coming = new Map<keyof W, Promise<void>>();
  #wished: L;

  constructor(sources: Sources<L, W>, language: L) {
    this.#sources = sources;
    this.#wished = this.language = language;
  }

  /** Is told when there are other words than before; answers how to leave. */
  readonly listen = (tell: () => void): (() => void) => {
    this.#told.add(tell);
    return () => this.#told.delete(tell);
  };

  /** Fetches the words of a part, if they are not there yet; what failed is tried anew. */
  fetch<P extends keyof W>(part: P): Promise<void> {
    const asked = this.#coming;
    const found = asked.get(part);
    if (found) return found;
    const fetched = this.#sources[this.language][part]().then(
      (words) => {
        // Another language is spoken meanwhile: it has words of its own.
        if (asked === this.#coming) this.#become({ ...this.known, [part]: words[part] });
      },
      (error: unknown) => {
        asked.delete(part);
        throw error;
      },
    );
    asked.set(part, fetched);
    return fetched;
  }

  /** Goes over to another language, once all words that are shown are there; of two wishes the last counts. */
  async speak(next: L): Promise<void> {
    this.#wished = next;
    const parts = [...this.#coming.keys()];
    const words = await Promise.all(parts.map((part) => this.#sources[next][part]()));
    if (this.#wished !== next) return;
    this.language = next;
    this.#coming = new Map(parts.map((part) => [part, Promise.resolve()]));
    const known: Partial<W> = {};
    parts.forEach((part, at) => (known[part] = words[at]![part]));
    this.#become(known);
  }

  #become(words: Partial<W>): void {
    this.known = words;
    for (const tell of this.#told) tell();
  }
}
