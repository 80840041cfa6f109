import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { Mark } from "../../design/Mark";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { preview } from "../../server/changes";
import { asJobs, sweep, type DeadMeant, type DeadVerb } from "../../server/dead";
import { failureQuery } from "../../server/failures";
import { client } from "../../server/queries";
import { Failed } from "../../shell/Broken";
import styles from "./List.module.css";

/** Which letters are meant: these, all that match, or all of one cause. */
export type Wanted = DeadMeant | { fingerprint: string };

/** What is asked to be done to some of them. */
export interface Ask {
  verb: DeadVerb;
  wanted: Wanted;
  done?: () => void;
}

interface Props {
  verb: DeadVerb;
  wanted: Wanted;
  onClose: () => void;
  done: () => void;
}

const SHOWN = 1_000;

async function looked(wanted: Wanted) {
  const meant: DeadMeant =
    "fingerprint" in wanted
      ? { ids: (await client.fetchQuery({ ...failureQuery(wanted.fingerprint), staleTime: 0 })).failed }
      : wanted;
  if ("filter" in meant) return { meant, ...(await preview({ filter: asJobs(meant.filter) })) };
  const some = await preview({ ids: meant.ids.slice(0, SHOWN) });
  return { meant, ...some, count: Math.max(some.count, meant.ids.length) };
}

/** Says how many letters are meant and which, asks why, and does it. */
export function Sweep({ verb, wanted, onClose, done }: Props) {
  const text = useText("dead");
  const toast = useToast();
  const [reason, setReason] = useState("");
  const look = useQuery({ queryKey: ["preview", "dead", wanted], queryFn: () => looked(wanted), staleTime: Infinity, gcTime: 0 });
  const act = useMutation({
    mutationFn: (meant: DeadMeant) => sweep(verb, meant, reason),
    onSuccess: ({ changed, goesOn }) => {
      toast(text.dead.done[verb](changed, goesOn));
      done();
      onClose();
    },
  });
  const count = look.data ? text.dead.letters(look.data.count, look.data.more) : "…";
  return (
    <Dialog title={text.dead.really[verb](count)} onClose={onClose} closeText={text.common.close}>
      <p>{text.dead.effect[verb]}</p>
      {look.error ? <Failed error={look.error} again={() => void look.refetch()} /> : null}
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
          if (look.data) act.mutate(look.data.meant);
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
          <Button kind={verb === "discard" ? "grave" : "main"} type="submit" disabled={act.isPending || !look.data?.count}>
            {text.dead[verb]} {count}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
