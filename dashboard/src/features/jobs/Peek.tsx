import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect } from "react";

import { Button } from "../../design/Button";
import { Mark } from "../../design/Mark";
import { Skeleton } from "../../design/Notice";
import { useText } from "../../i18n/text";
import { jobQuery } from "../../server/jobs";
import { Failed } from "../../shell/Broken";
import { Fault } from "../../shell/fault/Fault";
import { Attempts } from "./Attempts";
import styles from "./Peek.module.css";
import { Story } from "./Story";
import { Why } from "./Why";

const Log = lazy(async () => ({ default: (await import("./Log")).Log }));

/** One job beside the list, which stays where it is. */
export function Peek({ id, onClose }: { id: string; onClose: () => void }) {
  const text = useText("jobs");
  const { data: job, error } = useQuery(jobQuery(id));
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === "Escape" && !event.defaultPrevented && !document.querySelector("dialog[open], [popover]:popover-open")) onClose();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, [onClose]);
  return (
    <aside className={styles.peek} aria-label={text.jobs.peek}>
      <header>
        <Link to="/jobs/$id" params={{ id }}>
          {text.jobs.peekOpen}
        </Link>
        <Button kind="bare" aria-label={text.common.close} title={text.common.close} onClick={onClose}>
          ✕
        </Button>
      </header>
      {error ? <Failed error={error} /> : null}
      {!job && !error ? <Skeleton name={text.common.loading} rows={4} /> : null}
      {job ? (
        <>
          <h2>
            <Mark state={job.state} /> {text.jobs.is(job.task, job.state)}
          </h2>
          <Story job={job} />
          <p>
            <code>{job.id}</code>
          </p>
          <Attempts job={job} seen={{}} />
          {job.error ? <Fault error={job.error} /> : null}
          {job.started_at === null && job.finished_at === null ? <Why id={id} /> : null}
          <Suspense>
            <Log id={id} last={20} />
          </Suspense>
        </>
      ) : null}
    </aside>
  );
}
