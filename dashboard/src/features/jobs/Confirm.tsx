import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Field } from "../../design/Field";
import { useText } from "../../i18n/text";
import { change, preview, type Meant, type Said } from "../../server/changes";
import type { Verb } from "../../server/jobs";
import { queueNames } from "../../server/names";
import { wayBack } from "../../server/operations";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { Sample } from "../../shell/Sample";
import { useToldOfJobs } from "../../shell/useTold";

interface Props {
  verb: Verb;
  meant: Meant;
  onClose: () => void;
  done: () => void;
}

/** Says how many jobs are meant and which, asks why, and does it. */
export function Confirm({ verb, meant, onClose, done }: Props) {
  const text = useText("jobs");
  const tell = useToldOfJobs();
  const [said, say] = useState<Said>(verb === "reprioritise" ? { priority: 0 } : {});
  const look = useQuery({ queryKey: ["preview", meant], queryFn: () => preview(meant), staleTime: 0, gcTime: 0 });
  const told = (changed: Awaited<ReturnType<typeof change>>) => {
    tell(text.jobs.done(verb, changed.changed, changed.job != null), wayBack(changed));
    done();
  };
  const count = look.data ? text.jobs.title(look.data.count, look.data.more) : "…";
  return (
    <Ask
      title={text.jobs.really(verb, count)}
      effect={
        <>
          <p>
            {text.jobs.effect[verb]} {text.jobs.undoable[verb]}
          </p>
          {look.error ? <Failed error={look.error} /> : null}
          <Sample jobs={look.data?.sample} />
        </>
      }
      verb={text.common.doTo(text.jobs[verb], count)}
      grave={verb === "delete"}
      ready={look.data !== undefined}
      act={(reason) => change(verb, meant, reason, said)}
      done={told}
      onClose={onClose}
    >
      <Asked verb={verb} said={said} say={say} />
    </Ask>
  );
}

/** What some changes need to be told. */
function Asked({ verb, said, say }: { verb: Verb; said: Said; say: (said: Said) => void }) {
  const text = useText("jobs").jobs;
  const queues = useQuery({ ...queueNames, enabled: verb === "move" }).data ?? [];
  if (verb === "move") {
    return (
      <>
        <Field label={text.toQueue} list="queues" required maxLength={100} value={said.queue ?? ""} onChange={(event) => say({ queue: event.target.value.trim() })} />
        <datalist id="queues">
          {queues.map((each) => (
            <option key={each} value={each} />
          ))}
        </datalist>
      </>
    );
  }
  if (verb === "reprioritise") {
    return <Field label={text.toPriority} type="number" required min={-100} max={100} value={said.priority ?? 0} onChange={(event) => say({ priority: event.target.valueAsNumber })} />;
  }
  if (verb === "postpone") {
    return <Field label={text.toUntil} hint={text.toUntilHint} required value={said.until ?? ""} onChange={(event) => say({ until: event.target.value.trim() })} />;
  }
  return null;
}
