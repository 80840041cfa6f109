import { useEffect, useRef, useState } from "react";

import type { Job } from "../../server/jobs";

interface Does {
  toggle: (job: Job, upTo: boolean) => void;
  open: (job: Job) => void;
  peek: (job: Job) => void;
  fresh: () => void;
}

/** Goes through the rows with keys: j and k, x chooses, o looks beside, Enter opens, n shows new ones. */
export function useRows(jobs: readonly Job[], does: Does) {
  const [at, stand] = useState<string>();
  const known = useRef({ jobs, does, at });
  known.current = { jobs, does, at };
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const target = event.target instanceof HTMLElement ? event.target : undefined;
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      if (target?.closest("input:not([type=checkbox]), textarea, select, dialog, [contenteditable], [popover]")) return;
      const { jobs: rows, does: acts, at: here } = known.current;
      const place = rows.findIndex((job) => job.id === here);
      const job = rows[place];
      const step = { j: place + 1, k: Math.max(place - 1, 0) }[event.key];
      if (step !== undefined) {
        const next = rows[Math.min(step, rows.length - 1)];
        if (next) {
          stand(next.id);
          document.querySelector(`[data-row="${CSS.escape(next.id)}"]`)?.scrollIntoView({ block: "nearest" });
        }
      } else if (event.key === "n") acts.fresh();
      else if (job && event.key.toLowerCase() === "x") acts.toggle(job, event.shiftKey);
      else if (job && event.key === "o") acts.peek(job);
      else if (job && event.key === "Enter" && !target?.closest("a, button, input")) acts.open(job);
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
  const place = jobs.findIndex((job) => job.id === at);
  return { at: place < 0 ? undefined : place };
}
