import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Area, Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { emit } from "../../server/events";
import { read } from "../../server/http";
import { Buttons, Form } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";

/** Says that something has happened. */
export function Emit({ onClose }: { onClose: () => void }) {
  const text = useText("events");
  const words = text.events;
  const toast = useToast();
  const [name, setName] = useState("");
  const [payload, setPayload] = useState("{}");
  const [source, setSource] = useState("");
  const [reason, setReason] = useState("");
  const [wrong, setWrong] = useState<string>();
  const act = useMutation({
    mutationFn: (value: unknown) => emit(name.trim(), value, source.trim(), reason),
    onSuccess: (position) => {
      toast(words.emitted(position));
      onClose();
    },
  });
  const submit = () => {
    try {
      const value = payload.trim() ? read(payload) : null;
      setWrong(undefined);
      act.mutate(value);
    } catch (error) {
      setWrong(words.emitWrong(error instanceof Error ? error.message : String(error)));
    }
  };
  return (
    <Dialog title={words.emit} onClose={onClose} closeText={text.common.close}>
      <Form onSubmit={submit}>
        <Field
          label={words.emitName}
          hint={words.emitNameHint}
          required
          autoFocus
          pattern="[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*"
          maxLength={255}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Area
          label={words.emitPayload}
          wrong={wrong}
          rows={6}
          spellCheck={false}
          value={payload}
          onChange={(event) => setPayload(event.target.value)}
        />
        <Field
          label={`${words.emitSource} (${text.common.optional})`}
          hint={words.emitSourceHint}
          maxLength={255}
          value={source}
          onChange={(event) => setSource(event.target.value)}
        />
        <Field
          label={`${text.common.reason} (${text.common.optional})`}
          hint={text.common.reasonWhy}
          maxLength={1000}
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
        {act.error ? <Failed error={act.error} doing={words.emitDo} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={act.isPending}>
            {words.emitDo}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}
