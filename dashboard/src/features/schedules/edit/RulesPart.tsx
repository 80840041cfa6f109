import { Check, Choice, Field, Fields } from "../../../design/Field";
import { Section } from "../../../design/Page";
import { useText } from "../../../i18n/text";
import type { Draft, Wrong } from "./draft";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  wrong: Wrong;
  said: (part: string) => string | undefined;
}

const NAMED = ["none", "latest", "all"];

/** What happens where runs are in each other's way or were missed, and when it rests. */
export function RulesPart({ draft, change, wrong, said }: Props) {
  const text = useText("call", "schedules");
  const words = text.schedules;
  const form = words.form;
  const named = NAMED.includes(draft.catchup);
  return (
    <>
      <Section title={form.rules}>
        <Fields>
          <Choice
            label={words.overlapLabel}
            value={draft.overlap}
            options={Object.entries(words.overlaps)}
            wrong={said("overlap")}
            onChange={(event) => change({ overlap: event.target.value as Draft["overlap"] })}
          />
          <Choice
            label={words.catchupLabel}
            value={named ? draft.catchup : "some"}
            options={Object.entries(words.catchups)}
            wrong={named ? said("catchup") : undefined}
            onChange={(event) => change({ catchup: event.target.value === "some" ? "10" : event.target.value })}
          />
          {named ? null : (
            <Field
              label={words.catchupCount}
              inputMode="numeric"
              value={draft.catchup}
              wrong={wrong.catchup ? "0–1000" : said("catchup")}
              onChange={(event) => change({ catchup: event.target.value })}
            />
          )}
        </Fields>
      </Section>
      <Section title={form.rests}>
        <Fields>
          <Field
            label={form.jitter}
            hint={form.jitterHint}
            value={draft.jitter}
            autoComplete="off"
            wrong={wrong.jitter ? text.call.new.spanWrong : said("jitter")}
            onChange={(event) => change({ jitter: event.target.value })}
          />
          <Field
            label={form.holidays}
            hint={form.holidaysHint}
            value={draft.holidays}
            autoComplete="off"
            wrong={said("holidays")}
            onChange={(event) => change({ holidays: event.target.value })}
          />
          <Check label={form.business} checked={draft.business} onChange={(event) => change({ business: event.target.checked })} />
        </Fields>
      </Section>
    </>
  );
}
