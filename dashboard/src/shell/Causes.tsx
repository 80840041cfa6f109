import { Link } from "@tanstack/react-router";

import { visible } from "../design/visible";
import { useText, type Text } from "../i18n/text";
import type { Cause } from "../server/causes";
import { person } from "../server/names";
import { useNow } from "../time/clock";
import { inWords } from "../time/length";
import styles from "./Causes.module.css";

const MOST_NAMED = 5;

/** What stands in the way of a job or a schedule, in the language of whoever looks. */
export function Causes({ causes }: { causes: readonly Cause[] }) {
  const text = useText("jobs");
  const now = useNow();
  return (
    <ul className={styles.causes}>
      {causes.map((cause) => (
        <li key={`${cause.kind} ${cause.what}`}>
          {saidOf(cause, text, now)}
          {cause.jobs.slice(0, MOST_NAMED).map((job) => (
            <span key={job}>
              {" "}
              <Link to="/jobs/$id" params={{ id: job }}>
                <code>{job}</code>
              </Link>
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

/** A cause as a sentence; of a kind that is not known here, the server's own. */
export function saidOf(cause: Cause, text: Text<"jobs">, now: number): string {
  const length = (millis: number) => inWords(Math.max(1, Math.ceil(millis / 1_000)) * 1_000, text.common.units);
  const say = text.jobs.hindrances[cause.kind];
  if (!say) return cause.text;
  const said = say({
    what: visible(cause.what),
    by: visible(person(cause.by)),
    count: cause.count,
    most: cause.most,
    per: cause.per === null ? "" : inWords(cause.per * 1_000, text.common.units),
    left: cause.until === null ? "" : length(Date.parse(cause.until) - now),
    past: cause.since === null ? "" : length(now - Date.parse(cause.since)),
  });
  return cause.note ? `${said}: ${visible(cause.note)}` : said;
}
