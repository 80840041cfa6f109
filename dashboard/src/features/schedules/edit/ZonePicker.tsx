import { useId, useMemo } from "react";

import { Field } from "../../../design/Field";
import { useText } from "../../../i18n/text";
import { zones } from "../../../time/zones";

/** A zone of the IANA database, found by typing. */
export function ZonePicker({ zone, onChoose, wrong }: { zone: string; onChoose: (zone: string) => void; wrong?: string | undefined }) {
  const words = useText("schedules").schedules.form;
  const list = useId();
  const known = useMemo(() => zones(), []);
  return (
    <>
      <Field
        label={words.zone}
        hint={words.zoneHint}
        list={list}
        value={zone}
        spellCheck={false}
        autoComplete="off"
        wrong={wrong}
        onChange={(event) => onChoose(event.target.value)}
      />
      <datalist id={list}>
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
    </>
  );
}
