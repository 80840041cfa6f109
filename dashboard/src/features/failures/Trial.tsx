import { useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { Button } from "../../design/Button";
import { Mark } from "../../design/Mark";
import { Land } from "../../design/Notice";
import { useText } from "../../i18n/text";
import { changeThese, lookAt } from "../../server/failures";
import { faultSaid } from "../../server/jobs";
import { Failed } from "../../shell/Broken";
import { useToldOfJobs } from "../../shell/useTold";
import { useNow } from "../../time/clock";
import styles from "./Detail.module.css";
import type { Trying } from "./useTrial";
import { endingOf, verdict } from "./verdict";

const LOOK = 1_000;
const PATIENCE = 30_000;

interface Props {
  trying: Trying;
  /** The others are about to be asked for. */
  onGo: () => void;
  onEnd: () => void;
}

/**
 * Watches the few that are tried first, has the others retried if all pass, and says what happened.
 *
 * To come back to a page is not to ask for anything: then the others wait until somebody says so.
 */
export function Trial({ trying, onGo, onEnd }: Props) {
  const text = useText("failures");
  const words = text.failures.canary;
  const { few, rest, asked = false, back = false } = trying;
  const now = useNow();
  const tell = useToldOfJobs();
  const [judged, judge] = useState<"go" | "stop">();
  const { data, error } = useQuery({
    queryKey: ["job", "trial", trying.since],
    queryFn: ({ signal }) => lookAt(few, signal),
    refetchInterval: LOOK,
    enabled: judged === undefined,
  });
  const others = useMutation({
    mutationFn: () => {
      onGo();
      return changeThese("retry", rest, trying.reason);
    },
    onSuccess: ({ count, ways }) => tell(text.failures.done.retry(count), ways),
  });
  const endings = few.map((id) => endingOf(data?.find((job) => job.id === id)));
  const found = judged ?? (data ? verdict(endings) : "wait");
  const { mutate } = others;
  useEffect(() => {
    if (found === "wait" || judged) return;
    judge(found);
    if (found === "go" && !back) mutate();
  }, [found, judged, back, mutate]);
  const begun = asked || !others.isIdle;
  const waits = found !== "wait" && rest.length > 0 && !begun;
  const passed = endings.filter((each) => each === "passed").length;
  const wrong = endings.filter((each) => each === "wrong" || each === "gone").length;
  return (
    <Land title={words.title}>
      <p role="status">
        {others.isSuccess ? (
          words.finished(passed, others.data.count)
        ) : others.isError ? (
          words.unsaid
        ) : asked && others.isIdle ? (
          <>
            {words.asked(rest.length)} <Link to="/operations">{text.common.nav.operations}</Link>
          </>
        ) : found === "stop" ? (
          words.stopped(wrong, few.length, rest.length)
        ) : found === "wait" ? (
          words.trying(data ? passed : 0, few.length, rest.length)
        ) : back && others.isIdle ? (
          words.back(few.length, rest.length)
        ) : (
          words.passed(few.length)
        )}
      </p>
      <ul className={styles.sample}>
        {few.map((id) => {
          const job = data?.find((each) => each.id === id);
          return (
            <li key={id}>
              {job ? <Mark state={job.state} /> : null} {job ? text.common.states[job.state] : data ? words.gone : "…"}{" "}
              <Link to="/jobs/$id" params={{ id }}>
                <code>{id}</code>
              </Link>
              {job?.error && endingOf(job) === "wrong" ? <small> {faultSaid(job.error)}</small> : null}
            </li>
          );
        })}
      </ul>
      {found === "wait" && data && now - trying.since > PATIENCE ? <p>{words.slow}</p> : null}
      {found === "wait" && data && !back ? <p>{words.stay}</p> : null}
      {error ? <Failed error={error} /> : null}
      {others.error ? <Failed error={others.error} doing={words.goOn(rest.length)} again={() => others.mutate()} /> : null}
      <div className={styles.buttons}>
        {waits && (back || found === "stop") ? (
          <Button kind={found === "go" ? "main" : "plain"} onClick={() => others.mutate()}>
            {found === "go" ? words.goNow(rest.length) : words.goOn(rest.length)}
          </Button>
        ) : null}
        <Button onClick={onEnd}>{found === "wait" ? words.stop : words.close}</Button>
      </div>
    </Land>
  );
}
