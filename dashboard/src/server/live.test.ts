import { afterEach, expect, test, vi } from "vitest";

import { Stream } from "./live";

/** A stream of events that a test speaks into. */
class Spoken extends EventTarget {
  static opened: Spoken[] = [];
  static readonly CLOSED = 2;
  readyState = 1;
  onopen?: () => void;
  onerror?: () => void;
  onmessage?: (message: MessageEvent<string>) => void;

  constructor() {
    super();
    Spoken.opened.push(this);
  }

  close(): void {
    this.readyState = Spoken.CLOSED;
  }
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  Spoken.opened = [];
});

test("as long as the server gives signs of life the stream stays open, and no longer", () => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Spoken);
  const stream = new Stream("/live", () => undefined);
  for (let beats = 0; beats < 10; beats++) {
    vi.advanceTimersByTime(15_000);
    Spoken.opened[0]?.dispatchEvent(new Event("beat"));
  }
  expect(Spoken.opened).toHaveLength(1);
  vi.advanceTimersByTime(60_000);
  expect(Spoken.opened.length).toBeGreaterThan(1);
  stream.close();
});
