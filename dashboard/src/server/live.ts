/**
 * Hears what happens: one stream for all tabs of a browser, held by a worker that they share.
 *
 * A page is told what became stale and asks anew; nothing is written into it from here.
 */

import { address } from "./http";

export type Hearing = "live" | "lost" | "polling" | "paused";

export interface Happening {
  id: string;
  name: string;
  payload: unknown;
}

export type Told = { kind: "event"; event: Happening } | { kind: "reset" } | { kind: "state"; hearing: Hearing };

/** Of what a page shows, at most so often anew, in milliseconds: with the way there and back less than a second. */
export const CALM = 750;

const SILENCE = 40_000;
const TRIES = 2;

/** Listens to the server and tells what it hears, until it is closed. */
export class Stream {
  readonly #url: string;
  readonly #tell: (told: Told) => void;
  #source: EventSource | undefined;
  #failed = 0;
  #heard = 0;
  #watch: ReturnType<typeof setInterval>;

  constructor(url: string, tell: (told: Told) => void) {
    this.#url = url;
    this.#tell = tell;
    this.#open();
    this.#watch = setInterval(() => this.#look(), 5_000);
  }

  close(): void {
    clearInterval(this.#watch);
    this.#source?.close();
  }

  #open(): void {
    this.#source?.close();
    const source = new EventSource(this.#url);
    this.#source = source;
    this.#heard = Date.now();
    source.onopen = () => {
      this.#failed = 0;
      this.#heard = Date.now();
      this.#tell({ kind: "state", hearing: "live" });
      // What happened while nobody heard is not known.
      this.#tell({ kind: "reset" });
    };
    source.onerror = () => {
      this.#failed += 1;
      this.#tell({ kind: "state", hearing: this.#failed >= TRIES ? "polling" : "lost" });
    };
    source.addEventListener("beat", () => {
      this.#heard = Date.now();
    });
    source.addEventListener("reset", () => this.#tell({ kind: "reset" }));
    source.onmessage = (message: MessageEvent<string>) => {
      this.#heard = Date.now();
      const read = JSON.parse(message.data) as { name: string; payload: unknown };
      this.#tell({ kind: "event", event: { id: message.lastEventId, ...read } });
    };
  }

  #look(): void {
    const isClosed = this.#source?.readyState === EventSource.CLOSED;
    if (isClosed || Date.now() - this.#heard > SILENCE) this.#open();
  }
}

/** Hears what happens for this page; answers how to stop. */
export function listen(topics: readonly string[], tell: (told: Told) => void): () => void {
  const url = address("api/v1/live");
  url.searchParams.set("topics", topics.join(","));
  if (typeof SharedWorker === "undefined") {
    const stream = new Stream(url.href, tell);
    return () => stream.close();
  }
  const shared = new SharedWorker(new URL("./live.worker.ts", import.meta.url), {
    type: "module",
    name: `tidemill ${url.href}`,
  });
  shared.port.onmessage = (message: MessageEvent<Told>) => tell(message.data);
  shared.port.postMessage({ url: url.href });
  const leave = () => shared.port.postMessage({ leave: true });
  addEventListener("pagehide", leave);
  return () => {
    removeEventListener("pagehide", leave);
    leave();
  };
}
