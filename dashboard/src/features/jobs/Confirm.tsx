import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { Mark } from "../../design/Mark";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { change, preview, type Meant, type Said } from "../../server/changes";
import type { Verb } from "../../server/jobs";
import { queueNames } from "../../server/names";
import { undo } from "../../server/operations";
import { Failed } from "../../shell/Broken";
import styles from "./Confirm.module.css";

interface Props {
  verb: Verb;
  meant: Meant;
  onClose: () => void;
  done: () => void;
}

/** Says how many jobs are meant and which, asks why, and does it. */
export function Confirm({ verb, meant, onClose, done }: Props) {
  const text = useText("jobs");
  const toast = useToast();
  const [reason, setReason] = useState("");
  const [said, say] = useState<Said>(verb === "reprioritise" ? { priority: 0 } : {});
  const look = useQuery({ queryKey: ["preview", meant], queryFn: () => preview(meant), staleTime: 0, gcTime: 0 });
  const act = useMutation({
    mutationFn: () => change(verb, meant, reason, said),
    onSuccess: (changed) => {
      const { operation, undo_until: until } = changed;
      const back = () =>
        void undo(operation ?? "").then(
          (undone) => toast(text.jobs.undone(undone.undone)),
          (error: unknown) => toast(error instanceof Error ? error.message : String(error)),
        );
      const offer = operation && until ? { name: text.common.undo, do: back, until: Date.parse(until) } : undefined;
      toast(text.jobs.done(verb, changed.changed, changed.job != null), offer);
      done();
      onClose();
    },
  });
  const count = look.data ? text.jobs.title(look.data.count, look.data.more) : "…";
  return (
    <Dialog title={text.jobs.really(verb, count)} onClose={onClose} closeText={text.common.close}>
      <p>
        {text.jobs.effect[verb]} {text.jobs.undoable[verb]}
      </p>
      {look.error ? <Failed error={look.error} /> : null}
      <ul className={styles.sample}>
        {look.data?.sample.map((job) => (
          <li key={job.id}>
            <Mark state={job.state} name={text.common.states[job.state]} /> {job.task} <code>{job.id}</code>
          </li>
        ))}
      </ul>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
        className={styles.form}
      >
        <Asked verb={verb} said={said} say={say} />
        <Field
          label={`${text.common.reason} (${text.common.optional})`}
          hint={text.common.reasonWhy}
          value={reason}
          maxLength={1000}
          onChange={(event) => setReason(event.target.value)}
        />
        {act.error ? <Failed error={act.error} /> : null}
        <div className={styles.buttons}>
          <Button kind={verb === "delete" ? "grave" : "main"} type="submit" disabled={act.isPending || !look.data}>
            {text.jobs[verb]} {count}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </div>
      </form>
    </Dialog>
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
