import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState, type ReactNode } from "react";

import { Button } from "../../../design/Button";
import { Check } from "../../../design/Field";
import { Head } from "../../../design/Page";
import { useToast } from "../../../design/Toast";
import { useText } from "../../../i18n/text";
import { enqueue, saidOf, wrongAt } from "../../../server/calls";
import { forget, keep } from "../../../server/draft";
import { Once } from "../../../server/once";
import { useMay } from "../../../server/session";
import { Failed } from "../../../shell/Broken";
import { CallPart } from "../../../shell/call/CallPart";
import { Frame } from "../../../shell/call/Frame";
import { LimitsPart } from "../../../shell/call/LimitsPart";
import { useDraft, withoutSecrets } from "../../../shell/call/useCall";
import { useZone } from "../../../time/clock";
import { asked, EMPTY, wrongIn, type Draft } from "./draft";
import { Names, Where } from "./Options";
import { When } from "./When";

const PARTS = ["queue", "priority", "timeout", "attempts", "key", "tags", "tenant", "at", "delay"];

/** A job that is being written: its task, its arguments, when, and how. */
export function Form({ initial, about }: { initial: Draft; about?: ReactNode }) {
  const text = useText("call");
  const words = text.call.new;
  const { zone } = useZone();
  const navigate = useNavigate();
  const toast = useToast();
  const mayEnqueue = useMay("jobs.enqueue");
  const maySchedule = useMay("schedules.change");
  const { draft, write, change, call } = useDraft("job", initial);
  const [once] = useState(() => new Once());
  const [another, setAnother] = useState(false);
  const [strict, setStrict] = useState(false);
  const create = useMutation({
    mutationFn: () => {
      const job = asked(draft, call.given, zone);
      return enqueue(job, once.keyOf(job));
    },
    onSuccess: (made) => {
      once.done();
      const open = () => void navigate({ to: "/jobs/$id", params: { id: made.id } });
      toast(made.created || !draft.key ? words.created : words.existed, another ? { name: text.common.open, do: open } : undefined);
      forget("job");
      setStrict(false);
      if (!another) open();
    },
  });
  const wrong = wrongIn(draft);
  const sound = Object.keys(wrong).length === 0 && Object.keys(call.faults).length === 0;
  const schedules = draft.mode === "schedule";
  const refused = (schedules ? maySchedule : mayEnqueue) ? undefined : text.common.failed.forbidden("operator");
  const submit = () => {
    setStrict(true);
    if (schedules) {
      const { task, queue, timeout, attempts } = draft;
      keep("schedule", { task, written: withoutSecrets(draft.written, call.secrets), queue, timeout, attempts });
      void navigate({ to: "/schedules/new", search: draft.task ? { task: draft.task } : {} });
    } else if (sound) create.mutate();
    return schedules || sound;
  };
  const clear = () => {
    forget("job");
    create.reset();
    setStrict(false);
    write(EMPTY);
  };
  const parts = [...PARTS, ...call.known.map((each) => `arguments/${each.name}`)];
  const said = (part: string) => wrongAt(create.error, part);
  return (
    <>
      <Head title={draft.task ? words.titleOf(draft.task) : words.title} lede={about} />
      <Frame
        name={schedules ? words.toSchedule : words.create}
        refused={refused}
        busy={create.isPending}
        waits={call.waits}
        unsound={strict && !sound && !schedules}
        onSubmit={submit}
        beside={
          <>
            {schedules ? null : <Check label={words.anotherOne} checked={another} onChange={(event) => setAnother(event.target.checked)} />}
            <Button kind="bare" onClick={clear}>
              {words.clear}
            </Button>
          </>
        }
      >
        <CallPart
          title={text.call.task}
          call={call}
          task={draft.task}
          onChoose={(task) => change({ task })}
          written={draft.written}
          onWrite={(written) => change({ written })}
          strict={strict}
          error={create.error}
        />
        {draft.task ? (
          <>
            <When draft={draft} change={change} wrong={strict ? wrong : {}} said={said} />
            <Where draft={draft} change={change} said={said} task={call.task} onlyQueue={schedules} />
            <LimitsPart draft={draft} change={change} said={said} task={call.task} />
            {schedules ? null : <Names draft={draft} change={change} said={said} task={call.task} />}
          </>
        ) : null}
        {create.error && !saidOf(create.error, parts) ? <Failed error={create.error} doing={words.create} /> : null}
      </Frame>
    </>
  );
}
