/** The worker that all tabs share: as long as one of them listens, one stream is open. */

import { Stream, type Told } from "./live";

const pages = new Set<MessagePort>();
let stream: Stream | undefined;
let last: Told | undefined;

function tell(told: Told): void {
  if (told.kind === "state") last = told;
  for (const page of pages) page.postMessage(told);
}

function hear(page: MessagePort, said: { url?: string; leave?: boolean }): void {
  if (said.leave) {
    pages.delete(page);
  } else if (said.url) {
    pages.add(page);
    stream ??= new Stream(said.url, tell);
    if (last) page.postMessage(last);
  }
  if (pages.size === 0) {
    stream?.close();
    stream = undefined;
    last = undefined;
  }
}

addEventListener("connect", (event) => {
  const page = (event as MessageEvent).ports[0];
  if (page) page.onmessage = (message: MessageEvent<{ url?: string; leave?: boolean }>) => hear(page, message.data);
});
