import { useMutation } from "@tanstack/react-query";
import { useState, type ChangeEvent } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Check, Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { setRules, type Queue } from "../../server/queues";
import { Buttons, Form } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import styles from "./Queues.module.css";
import { changesOf, wrongIn, writtenOf, type Written } from "./rules";

interface Props {
  /** As it was when the dialog was opened: what somebody else sets meanwhile is not undone. */
  queue: Queue;
  onClose: () => void;
}

/** Sets limits, rate, turns and retention of a queue. */
export function Edit({ queue, onClose }: Props) {
  const all = useText("queues");
  const text = all.queues.form;
  const toast = useToast();
  const [seen] = useState(queue);
  const [form, write] = useState(() => writtenOf(seen));
  const [reason, setReason] = useState("");
  const wrong = wrongIn(form);
  const { rules, keep } = changesOf(seen, form);
  const isChanged = Object.keys(rules).length + Object.keys(keep).length > 0;
  const act = useMutation({
    mutationFn: () => setRules(seen, rules, keep, reason),
    onSuccess: () => {
      toast(text.saved(queue.queue));
      onClose();
    },
  });
  const field = (name: Exclude<keyof Written, "fair">) => ({
    value: form[name],
    wrong: wrong[name] && text[wrong[name]],
    maxLength: 50,
    autoComplete: "off",
    onChange: (event: ChangeEvent<HTMLInputElement>) => write({ ...form, [name]: event.target.value.trim() }),
  });
  const number = (name: Exclude<keyof Written, "fair">) => ({ ...field(name), inputMode: "numeric" as const });
  return (
    <Dialog wide title={text.title(queue.queue)} onClose={onClose} closeText={all.common.close}>
      <Form
        onSubmit={() => {
          if (isChanged && Object.keys(wrong).length === 0) act.mutate();
        }}
      >
        <div className={styles.row}>
          <Field label={text.most} hint={text.mostWhy} {...number("most")} />
          <Field label={text.tenantMost} hint={text.mostWhy} {...number("tenantMost")} />
          <Check label={text.fair} checked={form.fair} onChange={(event) => write({ ...form, fair: event.target.checked })} />
        </div>
        <div className={styles.row}>
          <Field label={text.count} {...number("count")} />
          <Field label={text.per} hint={text.perWhy} {...field("per")} />
          <Field label={text.burst} hint={text.burstWhy} {...number("burst")} />
        </div>
        <fieldset className={styles.keep}>
          <legend>{text.keep}</legend>
          <p>{text.keepWhy}</p>
          <div className={styles.row}>
            {(["completed", "failed", "cancelled"] as const).map((outcome) => (
              <Field key={outcome} label={all.common.states[outcome]} {...field(outcome)} />
            ))}
          </div>
        </fieldset>
        <Field
          label={`${all.common.reason} (${all.common.optional})`}
          hint={all.common.reasonWhy}
          value={reason}
          maxLength={1000}
          onChange={(event) => setReason(event.target.value)}
        />
        {act.error ? <Failed error={act.error} doing={all.common.save} /> : null}
        <Buttons>
          <Button kind="main" type="submit" refused={isChanged ? undefined : text.unchanged} disabled={act.isPending}>
            {all.common.save}
          </Button>
          <Button onClick={onClose}>{all.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
