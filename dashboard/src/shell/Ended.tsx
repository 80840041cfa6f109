import { lazy, Suspense, useEffect, useState } from "react";

import { ended } from "../server/http";

const Again = lazy(async () => ({ default: (await import("./Again")).Again }));

/** Notes that the session has ended under an open page, and asks who is there. */
export function Ended() {
  const [is, set] = useState(false);
  useEffect(() => {
    const note = () => set(true);
    ended.addEventListener("ended", note);
    return () => ended.removeEventListener("ended", note);
  }, []);
  return <Suspense>{is ? <Again done={() => set(false)} /> : null}</Suspense>;
}
