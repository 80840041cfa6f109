import { Link } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Choice, Field } from "../../design/Field";
import { useText } from "../../i18n/text";
import { readSearch, type Search } from "../../server/seen";
import styles from "./Narrow.module.css";

/** What the log is narrowed by; it is the URL that keeps it. */
export function Narrow({ search, narrow }: { search: Search; narrow: (next: Search) => void }) {
  const words = useText("audit").audit;
  const [written, write] = useState<Record<string, string>>({ ...search });
  const set = (name: keyof Search) => (event: { target: { value: string } }) => write({ ...written, [name]: event.target.value });
  const now = (name: keyof Search) => (event: { target: { value: string } }) => narrow(readSearch({ ...written, [name]: event.target.value }));
  const times = Object.entries(words.times);
  const options = (value: string | undefined) => (value && !(value in words.times) ? [...times, [value, value] as [string, string]] : times);
  return (
    <search>
      <form
        className={styles.narrow}
        onSubmit={(event) => {
          event.preventDefault();
          narrow(readSearch(written));
        }}
      >
        <Field label={words.who} placeholder={words.whoHint} value={written["actor"] ?? ""} onChange={set("actor")} autoComplete="off" />
        <Field label={words.what} placeholder="queues.*" title={words.whatHint} value={written["action"] ?? ""} onChange={set("action")} autoComplete="off" />
        <Field label={words.target} title={words.targetHint} value={written["target"] ?? ""} onChange={set("target")} autoComplete="off" />
        <Choice
          label={words.result}
          value={search.result ?? ""}
          options={[
            ["", words.any],
            ["done", words.results.done],
            ["refused", words.results.refused],
          ]}
          onChange={now("result")}
        />
        <Choice label={words.from} value={search.from ?? ""} options={options(search.from)} onChange={now("from")} />
        <Choice label={words.to} value={search.to ?? ""} options={options(search.to)} onChange={now("to")} />
        <div className={styles.acts}>
          <Button type="submit">{words.filter}</Button>
          {Object.keys(search).length ? <Link to="/audit">{words.clear}</Link> : null}
        </div>
      </form>
    </search>
  );
}
