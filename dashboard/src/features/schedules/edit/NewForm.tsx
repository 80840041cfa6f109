import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useId, useState, type ReactNode } from "react";

import { Check, Field, Fields } from "../../../design/Field";
import { Head, Section } from "../../../design/Page";
import { useToast } from "../../../design/Toast";
import { useText } from "../../../i18n/text";
import { saidOf, wrongAt } from "../../../server/calls";
import { forget } from "../../../server/draft";
import { Problem } from "../../../server/http";
import { createSchedule } from "../../../server/schedules";
import { useMay } from "../../../server/session";
import { Failed } from "../../../shell/Broken";
import { CallPart } from "../../../shell/call/CallPart";
import { Frame } from "../../../shell/call/Frame";
import { LimitsPart } from "../../../shell/call/LimitsPart";
import { QueueField } from "../../../shell/call/QueueField";
import { useDraft } from "../../../shell/call/useCall";
import { zones } from "../../../time/zones";
import { nameFrom, newOf, wrongIn, type Draft } from "./draft";
import styles from "./Form.module.css";
import { RulesPart } from "./RulesPart";
import { When } from "./When";

const PARTS = ["name", "task", "queue", "timeout", "attempts", "pattern", "every", "tz", "overlap", "catchup", "jitter", "holidays"];

/** A schedule that is to be made. */
export function NewForm({ initial, about }: { initial: Draft; about?: ReactNode }) {
  const text = useText("call", "schedules");
  const words = text.schedules.form;
  const navigate = useNavigate();
  const toast = useToast();
  const refused = useMay("schedules.change") ? undefined : text.common.failed.forbidden("operator");
  const { draft, change, call } = useDraft("schedule", initial);
  const [strict, setStrict] = useState(false);
  const hint = useId();
  const create = useMutation({
    mutationFn: () => createSchedule(newOf(draft, call.given)),
    onSuccess: (made) => {
      forget("schedule");
      toast(words.saved(made.name));
      void navigate({ to: "/schedules/$name", params: { name: made.name } });
    },
  });
  const wrong = wrongIn(draft, zones(), true);
  const sound = Object.keys(wrong).length === 0 && Object.keys(call.faults).length === 0;
  const said = (part: string) => wrongAt(create.error, part);
  const taken = create.error instanceof Problem && create.error.status === 409 ? create.error.message : undefined;
  const parts = [...PARTS, ...call.known.map((each) => `arguments/${each.name}`)];
  return (
    <>
      <Head title={draft.task ? words.newOf(draft.task) : words.new} lede={about} />
      <Frame
        name={words.create}
        refused={refused}
        busy={create.isPending}
        waits={call.waits}
        unsound={strict && !sound}
        onSubmit={() => {
          setStrict(true);
          if (sound) create.mutate();
          return sound;
        }}
      >
        <CallPart
          title={words.whatRuns}
          call={call}
          task={draft.task}
          onChoose={(task) => change({ task, ...(draft.name && draft.name !== nameFrom(draft.task) ? {} : { name: nameFrom(task) }) })}
          written={draft.written}
          onWrite={(written) => change({ written })}
          strict={strict}
          error={create.error}
        />
        <When draft={draft} change={change} wrong={wrong} said={said} mayBeByHand strict={strict} />
        <Section title={words.called}>
          <Fields>
            <Field
              label={words.name}
              hint={words.nameHint}
              value={draft.name}
              autoComplete="off"
              spellCheck={false}
              maxLength={128}
              wrong={taken ?? (wrong.name && (strict || draft.name) ? words.nameWrong : said("name"))}
              onChange={(event) => change({ name: event.target.value })}
            />
            <QueueField value={draft.queue} task={call.task} wrong={said("queue")} onChange={(queue) => change({ queue })} />
          </Fields>
        </Section>
        <LimitsPart draft={draft} change={change} said={said} task={call.task} />
        <RulesPart draft={draft} change={change} wrong={wrong} said={said} />
        <Section title={words.start}>
          <Check label={words.begin} aria-describedby={hint} checked={!draft.paused} onChange={(event) => change({ paused: !event.target.checked })} />
          <p id={hint} className={styles.quiet}>
            {draft.paused ? words.beginsPaused : words.begins}
          </p>
        </Section>
        {create.error && !taken && !saidOf(create.error, parts) ? <Failed error={create.error} doing={words.create} /> : null}
      </Frame>
    </>
  );
}
