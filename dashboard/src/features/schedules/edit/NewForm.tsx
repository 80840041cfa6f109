import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useState, type ReactNode } from "react";

import { Field } from "../../../design/Field";
import { Section } from "../../../design/Page";
import { Head } from "../../../design/Page";
import { useToast } from "../../../design/Toast";
import { useText } from "../../../i18n/text";
import { saidOf, wrongAt } from "../../../server/calls";
import { forget, keep } from "../../../server/draft";
import { Problem } from "../../../server/http";
import { createSchedule } from "../../../server/schedules";
import { useMay } from "../../../server/session";
import { Arguments } from "../../../shell/call/Arguments";
import { TaskPicker } from "../../../shell/call/TaskPicker";
import { useCall, withoutSecrets } from "../../../shell/call/useCall";
import { Failed } from "../../../shell/Broken";
import { Frame } from "../../../shell/call/Frame";
import { zones } from "../../../time/zones";
import { nameFrom, newOf, wrongIn, type Draft } from "./draft";
import styles from "./Form.module.css";
import { RulesPart } from "./RulesPart";
import { When } from "./When";

const PARTS = ["name", "task", "queue", "pattern", "every", "tz", "overlap", "catchup", "jitter", "holidays"];

/** A schedule that is to be made. */
export function NewForm({ initial, about }: { initial: Draft; about?: ReactNode }) {
  const text = useText("call", "schedules");
  const words = text.schedules.form;
  const navigate = useNavigate();
  const toast = useToast();
  const refused = useMay("schedules.change") ? undefined : text.common.failed.forbidden("operator");
  const [draft, setDraft] = useState(initial);
  const [strict, setStrict] = useState(false);
  const call = useCall(draft.task, draft.written);
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  const secrets = call.secrets.join();
  useEffect(() => {
    if (draft !== initial) keep("schedule", { ...draft, written: withoutSecrets(draft.written, secrets ? secrets.split(",") : []) });
  }, [draft, initial, secrets]);
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
        unsound={strict && !sound}
        onSubmit={() => {
          setStrict(true);
          if (sound) create.mutate();
          return sound;
        }}
      >
        <Section title={words.whatRuns}>
          {call.error ? <Failed error={call.error} again={() => void call.refetch()} /> : null}
          <TaskPicker
            tasks={call.error ? [] : call.tasks}
            chosen={draft.task}
            onChoose={(task) => change({ task, ...(draft.name && draft.name !== nameFrom(draft.task) ? {} : { name: nameFrom(task) }) })}
            wrong={strict && wrong.task ? text.call.faults.needed : said("task")}
          />
        </Section>
        {draft.task ? (
          <Section title={text.call.arguments}>
            <Arguments
              known={call.known}
              told={call.told}
              written={draft.written}
              onWrite={(written) => change({ written })}
              faults={call.faults}
              refused={(name) => said(`arguments/${name}`)}
              strict={strict}
            />
          </Section>
        ) : null}
        <When draft={draft} change={change} wrong={wrong} said={said} mayBeByHand />
        <Section title={words.name}>
          <div className={styles.two}>
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
            <Field
              label={text.call.new.queue}
              hint={call.task?.queue ? text.call.new.ownDefault(call.task.queue) : undefined}
              value={draft.queue}
              autoComplete="off"
              spellCheck={false}
              wrong={said("queue")}
              onChange={(event) => change({ queue: event.target.value })}
            />
          </div>
        </Section>
        <RulesPart draft={draft} change={change} wrong={wrong} said={said} />
        {create.error && !taken && !saidOf(create.error, parts) ? <Failed error={create.error} doing={words.create} /> : null}
      </Frame>
    </>
  );
}
