import { Section } from "../../design/Page";
import { useText } from "../../i18n/text";
import { wrongAt } from "../../server/calls";
import type { Written } from "../../server/schema";
import { Failed } from "../Broken";
import { Arguments } from "./Arguments";
import { TaskPicker } from "./TaskPicker";
import type { Call } from "./useCall";

interface Props {
  title: string;
  call: Call;
  task: string;
  onChoose: (task: string) => void;
  written: Written;
  onWrite: (written: Written) => void;
  /** Whether what is not filled in yet is told of. */
  strict: boolean;
  /** What the server has said of it. */
  error: Error | null;
}

/** The part of a form that says what is called: a task, and with which arguments. */
export function CallPart({ title, call, task, onChoose, written, onWrite, strict, error }: Props) {
  const text = useText("call").call;
  return (
    <>
      <Section title={title}>
        {call.error ? <Failed error={call.error} again={() => void call.refetch()} /> : null}
        <TaskPicker
          tasks={call.tasks}
          chosen={task}
          onChoose={onChoose}
          wrong={strict && !task ? text.faults.needed : wrongAt(error, "task")}
        />
      </Section>
      {task ? (
        <Section title={text.arguments}>
          <Arguments
            known={call.known}
            told={call.told}
            written={written}
            onWrite={onWrite}
            faults={call.faults}
            refused={(name) => wrongAt(error, `arguments/${name}`)}
            strict={strict}
          />
        </Section>
      ) : null}
    </>
  );
}
