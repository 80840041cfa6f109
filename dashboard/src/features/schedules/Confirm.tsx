import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { useToast } from "../../design/Toast";
import { useLanguage, useText } from "../../i18n/text";
import { actOnAll, type Act, type Schedule } from "../../server/schedules";
import { Ask } from "../../shell/Ask";
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
  const text = useText("schedules");
  const words = text.schedules;
  const { language } = useLanguage();
  const toast = useToast();
  const navigate = useNavigate();
  const [left, leave] = useState(0);
  const [meant] = useState(() => schedules.filter((each) => (act === "pause" ? !each.paused : act !== "resume" || each.paused)));
  const what = meant.length === 1 ? meant[0]!.name : words.many(meant.length);
  const run = async (reason: string) => {
    const { failed, jobs } = await actOnAll(
      act,
      meant.map((each) => each.name),
      reason,
    );
    const changed = meant.length - failed.length;
    const job = jobs.length === 1 ? jobs[0] : undefined;
    const open = job ? { name: text.common.open, do: () => void navigate({ to: "/jobs/$id", params: { id: job } }) } : undefined;
    if (changed) toast(words.done[act](changed), open);
    leave(failed.length);
    if (failed[0]) throw failed[0].error;
  };
  return (
    <Ask
      title={words.really[act](what)}
      effect={
        <>
          <p>{words.effect[act]}</p>
          <ul className={styles.sample}>
            {meant.map((each) => (
              <li key={each.name}>
                <span>{each.name}</span>
                <small>{comes(each, text, language)}</small>
              </li>
            ))}
          </ul>
        </>
      }
      verb={words.verb[act]}
      grave={act === "delete"}
      {...(act === "pause" ? { said: { label: words.noteLabel, hint: words.noteHint } } : {})}
      act={run}
      done={done}
      onClose={onClose}
    >
      {left ? <p role="alert">{words.couldNot(left)}</p> : null}
    </Ask>
  );
}
