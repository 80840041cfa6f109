import { Mark } from "../design/Mark";
import { useText } from "../i18n/text";
import type { Job } from "../server/jobs";
import styles from "./Sample.module.css";

/** Some of the jobs that are meant. */
export function Sample({ jobs }: { jobs: readonly Pick<Job, "id" | "task" | "state">[] | undefined }) {
  const { states } = useText().common;
  return (
    <ul className={styles.sample}>
      {jobs?.map((job) => (
        <li key={job.id}>
          <Mark state={job.state} name={states[job.state]} /> {job.task} <code>{job.id}</code>
        </li>
      ))}
    </ul>
  );
}
