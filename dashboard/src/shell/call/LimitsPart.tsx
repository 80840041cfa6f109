import { Field, Fields } from "../../design/Field";
import { Section } from "../../design/Page";
import { useText } from "../../i18n/text";
import type { Task } from "../../server/calls";
import { inWords } from "../../time/length";
import { wrongLimits, type Limits } from "./limits";

interface Props {
  draft: Limits;
  change: (part: Partial<Limits>) => void;
  /** What the server has said of a part. */
  said: (part: string) => string | undefined;
  task: Task | undefined;
}

/** How long an attempt may take, and how many there may be; left empty, as the task has it. */
export function LimitsPart({ draft, change, said, task }: Props) {
  const text = useText("call");
  const words = text.call.new;
  const wrong = wrongLimits(draft);
  const own = task?.timeout ? words.ownDefault(inWords(task.timeout * 1_000, text.common.units)) : words.delayHint;
  return (
    <Section title={words.limits}>
      <Fields>
        <Field
          label={words.timeout}
          hint={own}
          value={draft.timeout}
          autoComplete="off"
          wrong={wrong.timeout ? words.spanWrong : said("timeout")}
          onChange={(event) => change({ timeout: event.target.value })}
        />
        <Field
          label={words.attempts}
          hint={task?.attempts ? words.ownDefault(String(task.attempts)) : words.attemptsHint}
          value={draft.attempts}
          inputMode="numeric"
          autoComplete="off"
          wrong={wrong.attempts ? words.attemptsHint : said("attempts")}
          onChange={(event) => change({ attempts: event.target.value })}
        />
      </Fields>
    </Section>
  );
}
