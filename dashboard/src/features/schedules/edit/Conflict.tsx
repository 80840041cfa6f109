import { Button } from "../../../design/Button";
import { Land } from "../../../design/Notice";
import { useLanguage, useText, type Text } from "../../../i18n/text";
import type { Schedule } from "../../../server/schedules";
import { comes } from "../words";
import { of, type Draft } from "./draft";
import styles from "./Form.module.css";

interface Props {
  theirs: Schedule;
  mine: Draft;
  onTakeTheirs: () => void;
  onTakeMine: () => void;
}

/** What somebody else has made of it meanwhile, beside what was written here. */
export function Conflict({ theirs, mine, onTakeTheirs, onTakeMine }: Props) {
  const text = useText("schedules");
  const words = text.schedules.form;
  const { language } = useLanguage();
  const there = told(of(theirs, [], false), text, language);
  const here = told(mine, text, language);
  return (
    <div className={styles.conflict} role="alert">
      <Land title={words.conflict}>
        <p>{words.conflictHint}</p>
        <table>
          <thead>
            <tr>
              <td />
              <th scope="col">{words.theirs}</th>
              <th scope="col">{words.mine}</th>
            </tr>
          </thead>
          <tbody>
            {there.map(([name, value], at) =>
              value === here[at]![1] ? null : (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td>{value}</td>
                  <td>{here[at]![1]}</td>
                </tr>
              ),
            )}
          </tbody>
        </table>
        <p className={styles.buttons}>
          <Button onClick={onTakeTheirs}>{words.takeTheirs}</Button>
          <Button kind="main" onClick={onTakeMine}>
            {words.takeMine}
          </Button>
        </p>
      </Land>
    </div>
  );
}

function told(draft: Draft, text: Text<"schedules">, language: string): [name: string, value: string][] {
  const words = text.schedules;
  const said = draft.how === "cron" ? `${draft.line.trim()} (${comes({ pattern: draft.line.trim(), every: 0 }, text, language)})` : draft.how === "every" ? words.every(draft.every) : words.byHand;
  const catchups: Record<string, string> = words.catchups;
  return [
    [words.comes, said],
    [words.zone, draft.tz],
    [words.overlap, words.overlaps[draft.overlap]],
    [words.catchup, catchups[draft.catchup] ?? draft.catchup],
    [words.facts.jitter, draft.jitter || text.common.none],
    [words.facts.business, draft.business ? text.common.yes : text.common.no],
    [words.facts.holidays, draft.holidays || text.common.none],
  ];
}
