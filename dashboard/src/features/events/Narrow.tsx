import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Field } from "../../design/Field";
import { useText } from "../../i18n/text";
import type { EventsSearch } from "../../server/seen";
import styles from "./List.module.css";

/** Narrows events by their names and by who said them; of statistics only the names count. */
export function Narrow({ search }: { search: EventsSearch }) {
  const text = useText("events").events;
  const navigate = useNavigate({ from: "/events" });
  const [pattern, setPattern] = useState(search.pattern ?? "");
  const [source, setSource] = useState(search.source ?? "");
  return (
    <form
      className={styles.narrow}
      role="search"
      onSubmit={(event) => {
        event.preventDefault();
        const next = { pattern: pattern.trim() || undefined, source: source.trim() || undefined };
        void navigate({ search: { ...search, ...next, after: undefined } });
      }}
    >
      <Field label={text.pattern} placeholder="invoice.*" title={text.patternHint} value={pattern} onChange={(event) => setPattern(event.target.value)} />
      {search.view === "statistics" ? null : (
        <Field label={text.source} value={source} onChange={(event) => setSource(event.target.value)} />
      )}
      <Button type="submit">{text.narrow}</Button>
    </form>
  );
}
