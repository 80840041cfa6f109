import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Dialog } from "../../design/Dialog";
import { Mark } from "../../design/Mark";
import { Skeleton } from "../../design/Notice";
import { Said } from "../../design/Said";
import { useText } from "../../i18n/text";
import { Problem } from "../../server/http";
import { jobQuery } from "../../server/jobs";
import { Failed } from "../../shell/Broken";

const SOON = 1_000;
const DONE = ["completed", "failed", "cancelled"];

/** What becomes of a message that tells of no incident: its job, until it has ended. */
export function Tested({ channel, job: id, onClose }: { channel: string; job: string; onClose: () => void }) {
  const text = useText("alerts");
  const words = text.alerts.channel;
  const { data: job, error } = useQuery({
    ...jobQuery(id),
    refetchInterval: (query) => (query.state.error || DONE.includes(query.state.data?.state ?? "") ? false : SOON),
  });
  const unseen = error instanceof Problem && (error.status === 404 || error.status === 403);
  return (
    <Dialog title={words.testTitle(channel)} onClose={onClose} closeText={text.common.close}>
      <p>{words.testing}</p>
      {unseen ? <p>{words.testOther}</p> : null}
      {error && !unseen ? <Failed error={error} /> : null}
      {!job && !error ? <Skeleton name={text.common.loading} rows={1} /> : null}
      {job ? (
        <>
          <p role="status">
            <Mark state={job.state} name={text.common.states[job.state]} /> <strong>{words.testState[job.state]}</strong>
          </p>
          {job.error ? (
            <p>
              <code>{job.error.kind}</code>: <Said>{job.error.message}</Said>
            </p>
          ) : null}
          <p>
            <Link to="/jobs/$id" params={{ id }}>
              {words.toJob}
            </Link>
          </p>
        </>
      ) : null}
    </Dialog>
  );
}
