import { startTransition, useEffect, useState, type ReactNode } from "react";

/** What stands below what one reads first: drawn once that is on the screen, so that it is there sooner. */
export function Afterwards({ children }: { children: ReactNode }) {
  const [isTime, set] = useState(false);
  useEffect(() => startTransition(() => set(true)), []);
  return isTime ? children : <div aria-busy="true" />;
}
