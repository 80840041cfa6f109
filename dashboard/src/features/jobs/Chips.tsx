import { useState } from "react";

import { useText } from "../../i18n/text";
import { QUALIFIERS, spelled, understood, type Filter } from "../../server/filter";
import styles from "./Chips.module.css";

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
}

/** What the list is narrowed by, one chip each, and a field for more. */
export function Chips({ filter, onChange }: Props) {
  const text = useText().jobs;
  const [written, write] = useState("");
  const said = spelled(filter);
  const parts = said ? (said.match(/(?:[a-z]+:)?"(?:[^"\\]|\\.)*"|\S+/g) ?? []) : [];
  const without = (part: string) => onChange(understood(parts.filter((each) => each !== part).join(" ")));
  return (
    <form
      className={styles.chips}
      onSubmit={(event) => {
        event.preventDefault();
        onChange(understood(`${said} ${written}`));
        write("");
      }}
    >
      {parts.map((part) => (
        <span key={part} className={styles.chip}>
          <code>{part}</code>
          <button type="button" aria-label={text.drop(part)} title={text.drop(part)} onClick={() => without(part)}>
            ✕
          </button>
        </span>
      ))}
      <input
        value={written}
        onChange={(event) => write(event.target.value)}
        placeholder={text.addFilter}
        aria-label={text.addFilter}
        list="qualifiers"
        autoComplete="off"
        spellCheck={false}
      />
      <datalist id="qualifiers">
        {QUALIFIERS.map((name) => (
          <option key={name} value={`${name}:`} />
        ))}
      </datalist>
    </form>
  );
}
