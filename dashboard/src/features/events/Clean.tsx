import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Check, Choice, Field } from "../../design/Field";
import { Time } from "../../design/Time";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { clean, oldEventsQuery } from "../../server/events";
import { Buttons, Form } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";

const AGES = ["1d", "7d", "30d", "90d"] as const;

/** Deletes what is older than one says, for good. */
export function Clean({ onClose }: { onClose: () => void }) {
  const text = useText("events");
  const words = text.events;
  const toast = useToast();
  const [age, setAge] = useState<(typeof AGES)[number]>("30d");
  const [sure, setSure] = useState(false);
  const [reason, setReason] = useState("");
  const { data: newest, error } = useQuery(oldEventsQuery(age));
  const act = useMutation({
    mutationFn: () => clean(age, reason),
    onSuccess: (deleted) => {
      toast(words.cleaned(deleted));
      onClose();
    },
  });
  return (
    <Dialog title={words.cleanTitle} onClose={onClose} closeText={text.common.close}>
      <Form
        onSubmit={() => {
          if (sure) act.mutate();
        }}
      >
        <p>{words.cleanEffect}</p>
        <Choice
          label={words.cleanOlder}
          options={AGES.map((each) => [each, words.ages[each]])}
          value={age}
          onChange={(event) => setAge(AGES.find((each) => each === event.target.value) ?? age)}
        />
        {error ? <Failed error={error} /> : null}
        <p role="status">
          {newest === undefined ? (
            "…"
          ) : newest === null ? (
            words.cleanNone
          ) : (
            <>
              {words.cleanNewest} {newest.name}, <Time at={newest.at} />.
            </>
          )}
        </p>
        <Field
          label={`${text.common.reason} (${text.common.optional})`}
          hint={text.common.reasonWhy}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        <Check label={words.cleanSure} checked={sure} onChange={(event) => setSure(event.target.checked)} />
        {act.error ? <Failed error={act.error} doing={words.cleanDo} /> : null}
        <Buttons>
          <Button kind="grave" type="submit" refused={sure ? undefined : words.cleanUnsure} disabled={act.isPending}>
            {words.cleanDo}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
