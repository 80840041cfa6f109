import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { saidOf, wrongAt } from "../../server/calls";
import { resume, type Schedule } from "../../server/schedules";
import { Failed } from "../../shell/Broken";
import styles from "./Confirm.module.css";
import { ZonePicker } from "./edit/ZonePicker";

/** Lets a schedule go on, perhaps with another pattern and zone. */
export function Resume({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const text = useText("schedules");
  const words = text.schedules;
  const toast = useToast();
  const [pattern, setPattern] = useState(schedule.pattern);
  const [tz, setTz] = useState(schedule.tz);
  const [reason, setReason] = useState("");
  const act = useMutation({
    mutationFn: () =>
      resume(
        schedule.name,
        {
          ...(pattern.trim() && pattern !== schedule.pattern ? { pattern: pattern.trim() } : {}),
          ...(tz === schedule.tz ? {} : { tz }),
        },
        reason,
      ),
    onSuccess: () => {
      toast(words.done.resume(1));
      onClose();
    },
  });
  return (
    <Dialog title={words.really.resume(schedule.name)} onClose={onClose} closeText={text.common.close}>
      <p>{words.effect.resume}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          act.mutate();
        }}
      >
        {schedule.pattern ? (
          <>
            <Field
              label={words.pattern}
              value={pattern}
              spellCheck={false}
              autoComplete="off"
              wrong={wrongAt(act.error, "pattern")}
              onChange={(event) => setPattern(event.target.value)}
            />
            <ZonePicker zone={tz} onChoose={setTz} wrong={wrongAt(act.error, "tz")} />
          </>
        ) : null}
        <Field
          label={`${text.common.reason} (${text.common.optional})`}
          hint={text.common.reasonWhy}
          value={reason}
          maxLength={1000}
          onChange={(event) => setReason(event.target.value)}
        />
        {act.error && !saidOf(act.error, ["pattern", "tz"]) ? <Failed error={act.error} /> : null}
        <div className={styles.buttons}>
          <Button kind="main" type="submit" disabled={act.isPending}>
            {words.verb.resume}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </div>
      </form>
    </Dialog>
  );
}
