import { useId } from "react";

import { Field, Fields } from "../../../design/Field";
import { Section } from "../../../design/Page";
import { useText } from "../../../i18n/text";
import { useZone } from "../../../time/clock";
import { hasPassed, type Draft, type Mode, type Wrong } from "./draft";
import styles from "./Form.module.css";

const MODES: readonly Mode[] = ["now", "at", "schedule"];

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  wrong: Wrong;
  said: (part: string) => string | undefined;
}

/** When the job is to run: now, at a time, or again and again. */
export function When({ draft, change, wrong, said }: Props) {
  const words = useText("call").call.new;
  const { zone } = useZone();
  const group = useId();
  return (
    <Section title={words.when}>
      <fieldset className={styles.modes}>
        <legend className="hidden">{words.when}</legend>
        {MODES.map((mode) => (
          <label key={mode}>
            <input type="radio" name={group} checked={draft.mode === mode} onChange={() => change({ mode })} />
            <b>{words.modes[mode]}</b>
            <small>{words.modeHints[mode]}</small>
          </label>
        ))}
      </fieldset>
      {draft.mode === "at" ? (
        <Fields>
          <Field
            label={words.moment(zone.replaceAll("_", " "))}
            type="datetime-local"
            step={1}
            value={draft.moment}
            hint={hasPassed(draft, zone) ? words.momentPast : undefined}
            wrong={wrong.moment ? words.momentNeeded : said("at")}
            onChange={(event) => change({ moment: event.target.value, delay: "" })}
          />
          <Field
            label={words.delay}
            hint={words.delayHint}
            value={draft.delay}
            placeholder="10m"
            autoComplete="off"
            wrong={wrong.delay ? words.spanWrong : said("delay")}
            onChange={(event) => change({ delay: event.target.value, moment: "" })}
          />
        </Fields>
      ) : null}
    </Section>
  );
}
