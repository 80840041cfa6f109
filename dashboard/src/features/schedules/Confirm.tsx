import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useLanguage, useText } from "../../i18n/text";
import { actOnAll, type Act, type Schedule } from "../../server/schedules";
import { Failed } from "../../shell/Broken";
import styles from "./Confirm.module.css";
import { comes } from "./words";

interface Props {
  act: Act;
  schedules: readonly Schedule[];
  onClose: () => void;
  done: () => void;
}

/** Says which schedules are meant, asks why, and does it. */
export function Confirm({ act, schedules, onClose, done }: Props) {
  const text = useText("call", "schedules");
  const words = text.schedules;
  const { language } = useLanguage();
  const toast = useToast();
  const navigate = useNavigate();
  const [reason, setReason] = useState("");
  const [meant] = useState(() => schedules.filter((each) => (act === "pause" ? !each.paused : act !== "resume" || each.paused)));
  const what = meant.length === 1 ? meant[0]!.name : words.many(meant.length);
  const run = useMutation({
    mutationFn: () =>
      actOnAll(
        act,
        meant.map((each) => each.name),
        reason,
      ),
    onSuccess: ({ failed, jobs }) => {
      const changed = meant.length - failed.length;
      const job = jobs.length === 1 ? jobs[0] : undefined;
      const open = job ? { name: text.call.new.open, do: () => void navigate({ to: "/jobs/$id", params: { id: job } }) } : undefined;
      if (changed) toast(words.done[act](changed), open);
      if (failed.length) return;
      done();
      onClose();
    },
  });
  const failed = run.data?.failed ?? [];
  return (
    <Dialog title={words.really[act](what)} onClose={onClose} closeText={text.common.close}>
      <p>{words.effect[act]}</p>
      <ul className={styles.sample}>
        {meant.map((each) => (
          <li key={each.name}>
            <span>{each.name}</span>
            <small>{comes(each, text, language)}</small>
          </li>
        ))}
      </ul>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          run.mutate();
        }}
      >
        <Field
          label={`${act === "pause" ? words.noteLabel : text.common.reason} (${text.common.optional})`}
          hint={act === "pause" ? words.noteHint : text.common.reasonWhy}
          value={reason}
          maxLength={1000}
          onChange={(event) => setReason(event.target.value)}
        />
        {failed.length ? (
          <>
            <p role="alert">{words.couldNot(failed.length)}</p>
            <Failed error={failed[0]!.error} />
          </>
        ) : null}
        <div className={styles.buttons}>
          <Button kind={act === "delete" ? "grave" : "main"} type="submit" disabled={run.isPending}>
            {words.verb[act]}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
