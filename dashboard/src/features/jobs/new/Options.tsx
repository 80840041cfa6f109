import { Choice, Field, Fields } from "../../../design/Field";
import { Section } from "../../../design/Page";
import { useText } from "../../../i18n/text";
import type { Task } from "../../../server/calls";
import { useSession } from "../../../server/session";
import { QueueField } from "../../../shell/call/QueueField";
import type { Draft } from "./draft";
import styles from "./Form.module.css";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  said: (part: string) => string | undefined;
  task: Task | undefined;
}

/** Where the job waits, and how urgent it is. */
export function Where({ draft, change, said, task, onlyQueue }: Props & { onlyQueue: boolean }) {
  const words = useText("call").call.new;
  const names = Object.entries(words.priorities);
  const named = names.some(([value]) => value === draft.priority);
  return (
    <Section title={onlyQueue ? words.queue : words.where}>
      <Fields>
        <QueueField value={draft.queue} task={task} wrong={said("queue")} onChange={(queue) => change({ queue })} />
        {onlyQueue ? null : (
          <Choice
            label={words.priority}
            value={draft.priority}
            wrong={said("priority")}
            options={named ? names : [...names, [draft.priority, draft.priority]]}
            onChange={(event) => change({ priority: event.target.value })}
          />
        )}
      </Fields>
      {onlyQueue ? <p className={styles.note}>{words.onlyQueue}</p> : null}
    </Section>
  );
}

/** What the job is found by later, and whose it is. */
export function Names({ draft, change, said }: Props) {
  const words = useText("call").call.new;
  const reachesAll = useSession().tenant === null;
  return (
    <Section title={words.names}>
      <Fields>
        <Field
          label={words.key}
          hint={words.keyHint}
          value={draft.key}
          maxLength={255}
          autoComplete="off"
          wrong={said("key")}
          onChange={(event) => change({ key: event.target.value })}
        />
        <Field
          label={words.tags}
          hint={words.tagsHint}
          value={draft.tags}
          autoComplete="off"
          wrong={said("tags")}
          onChange={(event) => change({ tags: event.target.value })}
        />
        {reachesAll ? (
          <Field
            label={words.tenant}
            hint={words.tenantHint}
            value={draft.tenant}
            autoComplete="off"
            wrong={said("tenant")}
            onChange={(event) => change({ tenant: event.target.value })}
          />
        ) : null}
      </Fields>
    </Section>
  );
}
