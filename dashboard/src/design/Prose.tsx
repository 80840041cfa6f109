/** A sentence in which what stands between backticks is code. */
export function Prose({ children }: { children: string }) {
  return children.split("`").map((part, at) => (at % 2 ? <code key={at}>{part}</code> : part));
}
