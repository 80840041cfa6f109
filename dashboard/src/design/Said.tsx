import { visible } from "./visible";

/** Text that somebody else wrote, within our own: it never turns what stands beside it. */
export function Said({ children }: { children: string }) {
  return <bdi>{visible(children)}</bdi>;
}
