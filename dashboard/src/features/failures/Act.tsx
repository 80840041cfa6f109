import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { Mark } from "../../design/Mark";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { preview } from "../../server/changes";
import { changeThese } from "../../server/failures";
import { Failed } from "../../shell/Broken";
import styles from "./Detail.module.css";

export type Verb = "retry" | "canary" | "cancel" | "delete";

interface Props {
  verb: Verb;
  /** The jobs meant; of a trial all of them, though it begins with few. */
  ids: readonly string[];
  /** Those that are changed at once. */
  begun: readonly string[];
  onClose: () => void;
  done: (reason: string) => void;
}

const SHOWN = 1_000;

/** Says which jobs are meant, asks why, and does it. */
export function Act({ verb, ids, begun, onClose, done }: Props) {
  const text = useText("failures");
  const toast = useToast();
  const [reason, setReason] = useState("");
  // What is asked about stays the same, whatever fails meanwhile.
  const [meant] = useState({ ids, begun });
  const look = useQuery({
    queryKey: ["preview", meant.begun],
    queryFn: () => preview({ ids: meant.begun.slice(0, SHOWN) }),
    staleTime: 0,
    gcTime: 0,
  });
  const act = useMutation({
    mutationFn: () => changeThese(verb === "canary" ? "retry" : verb, meant.begun, reason),
    onSuccess: (changed) => {
      toast(text.failures.done[verb](changed));
      done(reason);
      onClose();
    },
  });
  return (
    <Dialog title={text.failures.really[verb](meant.ids.length)} onClose={onClose} closeText={text.common.close}>
      <p>{text.failures.effect[verb]}</p>
      {look.error ? <Failed error={look.error} /> : null}
      <ul className={styles.sample}>
        {look.data?.sample.map((job) => (
          <li key={job.id}>
            <Mark state={job.state} name={text.common.states[job.state]} /> {job.task} <code>{job.id}</code>
          </li>
        ))}
      </ul>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
      >
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
            {text.failures.verbs[verb]} {text.common.jobs(meant.begun.length)}
          </Button>
          <Button onClick={onClose}>{text.common.back}</Button>
        </div>
      </form>
    </Dialog>
  );
}
