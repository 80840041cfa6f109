import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Dialog } from "../../design/Dialog";
import { Facts } from "../../design/Facts";
import { Json } from "../../design/Json";
import { Mark } from "../../design/Mark";
import { Skeleton } from "../../design/Notice";
import { Section } from "../../design/Page";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { causedQuery, eventQuery } from "../../server/events";
import { Failed } from "../../shell/Broken";
import styles from "./List.module.css";

/** One event: what it holds, and what it has brought about. */
export function Happened({ position, onClose }: { position: number; onClose: () => void }) {
  const text = useText("events");
  const words = text.events;
  const { data, error, refetch } = useQuery(eventQuery(position));
  const caused = useQuery(causedQuery(position));
  return (
    <Dialog wide title={data?.name ?? words.title} onClose={onClose} closeText={text.common.close}>
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {data === undefined && !error ? <Skeleton name={text.common.loading} rows={3} /> : null}
      {data === null ? <p>{words.gone}</p> : null}
      {data ? (
        <>
          <Facts
            facts={[
              [words.at, <Time key="at" at={data.at} />],
              [words.position, <code key="p">{data.position}</code>],
              [words.source, data.source],
              [words.tenant, data.tenant],
              [
                words.name,
                <Link key="n" to="/events" search={{ pattern: data.name }}>
                  {words.onlyName}
                </Link>,
              ],
            ]}
          />
          <Section title={words.payload}>
            {data.masked ? <p>{words.masked}</p> : <Json value={data.payload} name={words.payload} />}
          </Section>
        </>
      ) : null}
      <Section title={words.caused}>
        {caused.error ? <Failed error={caused.error} /> : null}
        {caused.data?.jobs.length === 0 ? <p>{words.causedNone}</p> : null}
        <ul className={styles.caused}>
          {caused.data?.jobs.map((job) => (
            <li key={job.id}>
              <Link to="/jobs/$id" params={{ id: job.id }}>
                <Mark state={job.state} name={text.common.states[job.state]} /> {job.task}
              </Link>{" "}
              <code>{job.id}</code>
            </li>
          ))}
        </ul>
      </Section>
    </Dialog>
  );
}
