import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { Field, Fields } from "../../../design/Field";
import { Section } from "../../../design/Page";
import { useLanguage, useText } from "../../../i18n/text";
import { Problem } from "../../../server/http";
import { patternQuery } from "../../../server/schedules";
import { describe } from "../../../time/cron";
import { followsElapsed } from "../../../time/zones";
import { Runs } from "../Runs";
import { capital } from "../words";
import { Crowd } from "./Crowd";
import { fieldsIn, type Draft, type How, type Wrong } from "./draft";
import styles from "./Form.module.css";
import { PRESETS } from "./presets";
import { useSettled } from "./useSettled";
import { ZonePicker } from "./ZonePicker";

interface Props {
  draft: Draft;
  change: (part: Partial<Draft>) => void;
  wrong: Wrong;
  said: (part: string) => string | undefined;
  /** Whether it may be by hand only: a pattern that is there cannot be taken away. */
  mayBeByHand: boolean;
  /** Whether what is not filled in yet is told of. */
  strict: boolean;
}

const HOWS: readonly How[] = ["cron", "every", "hand"];

/** When it comes: a pattern, field by field or as one line; an interval; or by hand only. */
export function When({ draft, change, wrong, said, mayBeByHand, strict }: Props) {
  const words = useText("schedules").schedules.form;
  const group = useId();
  return (
    <Section title={words.when}>
      <div className={styles.presets} role="group" aria-label={words.presets}>
        {PRESETS.map(([name, pattern]) => {
          const held = pattern ? draft.how === "cron" && draft.line === pattern : draft.how === "hand";
          const refused = !pattern && !mayBeByHand;
          return (
            <button
              key={name}
              type="button"
              aria-pressed={held}
              aria-disabled={refused}
              title={refused ? words.handNot : pattern}
              onClick={() => {
                if (!refused) change(pattern ? { how: "cron", line: pattern } : { how: "hand" });
              }}
            >
              {words.preset[name]}
            </button>
          );
        })}
      </div>
      <fieldset className={styles.hows}>
        <legend className="hidden">{words.how}</legend>
        {HOWS.map((how) => (
          <label key={how}>
            <input
              type="radio"
              name={group}
              checked={draft.how === how}
              disabled={how === "hand" && !mayBeByHand}
              onChange={() => change({ how })}
            />
            {words.hows[how]}
          </label>
        ))}
      </fieldset>
      {draft.how === "cron" ? <Pattern draft={draft} change={change} wrong={wrong} said={said} /> : null}
      {draft.how === "every" ? (
        <div className={styles.narrow}>
          <Field
            label={words.every}
            hint={words.everyHint}
            value={draft.every}
            placeholder="10m"
            autoComplete="off"
            wrong={wrong.every && (strict || draft.every) ? words.everyWrong : said("every")}
            onChange={(event) => change({ every: event.target.value })}
          />
        </div>
      ) : null}
      {draft.how === "hand" ? <p className={styles.quiet}>{words.handHint}</p> : null}
      {mayBeByHand ? null : <p className={styles.quiet}>{words.handNot}</p>}
    </Section>
  );
}

function Pattern({ draft, change, wrong, said }: Omit<Props, "mayBeByHand" | "strict">) {
  const text = useText("schedules");
  const words = text.schedules.form;
  const { language } = useLanguage();
  const line = useSettled(draft.line.trim().replace(/\s+/g, " "));
  const tz = useSettled(draft.tz);
  const { data, error, isPlaceholderData } = useQuery({ ...patternQuery(line, tz), enabled: line !== "" && !wrong.tz });
  const fields = fieldsIn(draft.line);
  const names = fields?.length === 6 ? [words.seconds, ...words.fields] : words.fields;
  const sentence = describe(draft.line, text.schedules.cron, language);
  const refused = error instanceof Problem ? error.message : undefined;
  return (
    <div className={styles.pattern}>
      {fields ? (
        <div className={styles.fields} data-count={fields.length}>
          {fields.map((field, number) => (
            <Field
              key={names[number]}
              label={names[number]!}
              value={field}
              spellCheck={false}
              autoComplete="off"
              onChange={(event) => change({ line: fields.with(number, event.target.value.replace(/\s/g, "")).join(" ") })}
            />
          ))}
        </div>
      ) : null}
      <Fields>
        <Field
          label={words.line}
          hint={words.lineHint}
          value={draft.line}
          spellCheck={false}
          autoComplete="off"
          maxLength={255}
          wrong={refused ?? said("pattern") ?? (wrong.line ? words.previewNone : undefined)}
          onChange={(event) => change({ line: event.target.value })}
        />
        <ZonePicker zone={draft.tz} onChoose={(chosen) => change({ tz: chosen })} wrong={wrong.tz ? words.zoneWrong : said("tz")} />
      </Fields>
      <p className={styles.sentence} role="status">
        {refused ? null : sentence ? words.sentence(capital(sentence), draft.tz.replaceAll("_", " ")) : words.saysNothing}
      </p>
      {data?.warning && !refused ? <p>⚠ {data.warning}</p> : null}
      {data && !refused ? (
        <div aria-busy={isPlaceholderData}>
          <Crowd first={data.ticks[0]?.at} draft={draft} change={change} />
          <h3>{words.preview}</h3>
          {data.ticks.length ? (
            <Runs title={words.preview} ticks={data.ticks} zone={tz} elapsed={followsElapsed(line)} />
          ) : (
            <p className={styles.quiet}>{words.previewNone}</p>
          )}
        </div>
      ) : null}
    </div>
  );
}
