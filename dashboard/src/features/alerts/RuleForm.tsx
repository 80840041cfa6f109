import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Check, Choice, Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import {
  changeRule,
  channelsQuery,
  CONDITIONS,
  createRule,
  SEVERITIES,
  type Condition,
  type Rule,
  type Severity,
} from "../../server/alerts";
import { useSession } from "../../server/session";
import { Buttons, Form, Group, Row } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { asWritten, secondsOf } from "../../time/length";
import { aboveAsWritten, aboveOf, looksBack, measureOf, narrowedBy, sentence } from "./words";

const NEW = {
  name: "",
  when: "failures" as Condition,
  above: "20",
  window: "5m",
  hold: "0",
  queue: "",
  task: "",
  severity: "warning" as Severity,
  channels: [] as string[],
  tenant: "",
};

type Written = typeof NEW;

/** A rule in words; below its fields stands what it will say. */
export function RuleForm({ rule, onClose }: { rule?: Rule; onClose: () => void }) {
  const text = useText("alerts");
  const words = text.alerts.form;
  const toast = useToast();
  const { tenant } = useSession();
  const [written, write] = useState<Written>(() => (rule ? asForm(rule) : NEW));
  const set = (part: Partial<Written>) => write({ ...written, ...part });
  const above = aboveOf(written.when, written.above);
  const window = looksBack(written.when) ? secondsOf(written.window) : 300;
  const hold = secondsOf(written.hold);
  const whole = above !== undefined && window !== undefined && hold !== undefined;
  const narrowed = narrowedBy(written.when);
  const save = useMutation({
    mutationFn: async () => {
      if (!whole) return;
      const { severity, channels } = written;
      const said = { above, window, hold, severity, channels };
      if (rule) await changeRule(rule, said);
      else
        await createRule({
          ...said,
          name: written.name,
          when: written.when,
          queue: (narrowed.queue && written.queue) || null,
          task: (narrowed.task && written.task) || null,
          tenant: written.tenant || null,
        });
    },
    onSuccess: () => {
      toast(rule ? text.alerts.saved(rule.name) : text.alerts.made(written.name));
      onClose();
    },
  });
  return (
    <Dialog wide title={rule ? words.change(rule.name) : text.alerts.newRule} onClose={onClose} closeText={text.common.close}>
      <Form onSubmit={() => save.mutate()}>
        {rule ? null : (
          <Row>
            <Field label={words.name} hint={words.nameHint} required value={written.name} pattern="[A-Za-z0-9_][A-Za-z0-9_.\-]*" onChange={(event) => set({ name: event.target.value })} autoComplete="off" />
            <Choice
              label={words.when}
              value={written.when}
              options={CONDITIONS.filter((each) => tenant === null || each !== "silent_worker").map((each) => [each, text.alerts.conditions[each]])}
              onChange={(event) => {
                const when = event.target.value as Condition;
                set(measureOf(when) === measureOf(written.when) ? { when } : { when, above: { number: "20", share: "20", length: "5m" }[measureOf(when)] });
              }}
            />
          </Row>
        )}
        <Row>
          <Field label={words.above} hint={above === undefined ? undefined : words.aboveOf[measureOf(written.when)]} required value={written.above} onChange={(event) => set({ above: event.target.value })} wrong={above === undefined ? words.aboveWrong[measureOf(written.when)] : undefined} />
          {looksBack(written.when) ? (
            <Field label={words.window} hint={window === undefined ? undefined : words.windowHint} required value={written.window} onChange={(event) => set({ window: event.target.value })} wrong={window === undefined ? words.aboveWrong.length : undefined} />
          ) : null}
          <Field label={words.hold} hint={hold === undefined ? undefined : words.holdHint} value={written.hold} onChange={(event) => set({ hold: event.target.value })} wrong={hold === undefined ? words.aboveWrong.length : undefined} />
        </Row>
        {rule ? null : (
          <Row>
            {narrowed.queue ? <Field label={words.queue} hint={words.queueHint} value={written.queue} onChange={(event) => set({ queue: event.target.value })} /> : null}
            {narrowed.task ? <Field label={words.task} hint={words.taskHint} value={written.task} onChange={(event) => set({ task: event.target.value })} /> : null}
            {tenant === null ? <Field label={words.tenant} hint={words.tenantHint} value={written.tenant} onChange={(event) => set({ tenant: event.target.value })} /> : null}
          </Row>
        )}
        <Choice label={words.severity} value={written.severity} options={SEVERITIES.map((each) => [each, text.alerts.severities[each]])} onChange={(event) => set({ severity: event.target.value as Severity })} />
        <Told chosen={written.channels} choose={(channels) => set({ channels })} />
        {whole ? <p aria-live="polite">{sentence({ ...written, above, window, hold, queue: narrowed.queue ? written.queue : "", task: narrowed.task ? written.task : "" }, text)}.</p> : null}
        {save.error ? <Failed error={save.error} doing={rule ? text.common.save : words.make} /> : null}
        <Buttons>
          <Button kind="main" type="submit" disabled={!whole || save.isPending}>
            {rule ? text.common.save : words.make}
          </Button>
          <Button onClick={onClose}>{text.common.cancel}</Button>
        </Buttons>
      </Form>
    </Dialog>
  );
}

function Told({ chosen, choose }: { chosen: string[]; choose: (names: string[]) => void }) {
  const words = useText("alerts").alerts.form;
  const channels = useQuery(channelsQuery).data ?? [];
  const names = [...new Set([...channels.map((each) => each.name), ...chosen])];
  return (
    <Group name={words.channels}>
      {names.length === 0 ? <p>{words.channelsNone}</p> : null}
      {names.map((name) => (
        <div key={name}>
          <Check
            label={name}
            checked={chosen.includes(name)}
            onChange={(event) => choose(event.target.checked ? [...chosen, name] : chosen.filter((each) => each !== name))}
          />
        </div>
      ))}
    </Group>
  );
}

function asForm(rule: Rule): Written {
  return {
    ...rule,
    above: aboveAsWritten(rule.when, rule.above),
    window: asWritten(rule.window),
    hold: asWritten(rule.hold),
  };
}
