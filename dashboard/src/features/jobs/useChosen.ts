import { useMemo, useRef, useState } from "react";

import type { Job } from "../../server/jobs";

/** The rows that are chosen; they stay chosen while the list is fetched anew. */
export function useChosen(jobs: readonly Job[]) {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const last = useRef<string>(undefined);
  return useMemo(() => {
    const chosen = jobs.filter((job) => ids.has(job.id));
    return {
      jobs: chosen,
      has: (job: Job) => ids.has(job.id),
      clear: () => setIds(new Set()),
      toggleAll: () => setIds(new Set(chosen.length === jobs.length ? [] : jobs.map((job) => job.id))),
      toggle: (job: Job, upTo: boolean) => {
        const next = new Set(ids);
        const on = !next.has(job.id);
        for (const each of between(jobs, upTo ? last.current : undefined, job.id)) {
          if (on) next.add(each);
          else next.delete(each);
        }
        last.current = job.id;
        setIds(next);
      },
    };
  }, [ids, jobs]);
}

function between(jobs: readonly Job[], from: string | undefined, to: string): string[] {
  const ids = jobs.map((job) => job.id);
  const begin = from === undefined ? -1 : ids.indexOf(from);
  if (begin < 0) return [to];
  const end = ids.indexOf(to);
  return ids.slice(Math.min(begin, end), Math.max(begin, end) + 1);
}
