import { useNavigate } from "@tanstack/react-router";
import { useRef, useState } from "react";

import { useText } from "../i18n/text";
import { understood } from "../server/filter";
import styles from "./FilterBar.module.css";
import { useVerbs } from "./keys";

/** Finds jobs from anywhere: words and qualifiers become the filter of the list. */
export function FilterBar() {
  const text = useText().common.nav;
  const navigate = useNavigate();
  const field = useRef<HTMLInputElement>(null);
  const [written, write] = useState("");
  useVerbs([{ name: useText("shell").shell.help.search, key: "/", act: () => field.current?.focus() }]);
  return (
    <search className={styles.search}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void navigate({ to: "/jobs", search: understood(written) });
          write("");
          field.current?.blur();
        }}
      >
        <input
          ref={field}
          type="text"
          value={written}
          onChange={(event) => write(event.target.value)}
          placeholder={`${text.search} queue:mail state:failed`}
          aria-label={`${text.search} queue:mail state:failed`}
          autoComplete="off"
          spellCheck={false}
        />
        <kbd aria-hidden>/</kbd>
      </form>
    </search>
  );
}
