import { Field } from "../../design/Field";
import { useText } from "../../i18n/text";
import type { Task } from "../../server/calls";

interface Props {
  value: string;
  task: Task | undefined;
  wrong: string | undefined;
  onChange: (queue: string) => void;
}

/** In which queue a call is to wait; left empty, in that of its task. */
export function QueueField({ value, task, wrong, onChange }: Props) {
  const words = useText("call").call.new;
  return (
    <Field
      label={words.queue}
      value={value}
      placeholder={task?.queue ?? undefined}
      hint={task?.queue ? words.ownDefault(task.queue) : undefined}
      autoComplete="off"
      spellCheck={false}
      wrong={wrong}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
