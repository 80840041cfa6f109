import { useQuery } from "@tanstack/react-query";
import { useId, useState, type KeyboardEvent } from "react";

import { Chip } from "../../design/Chip";
import { STATES } from "../../design/states";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import { QUALIFIERS, spelled, understood } from "../../server/filter";
import type { Filter } from "../../server/seen";
import { queueNames, taskNames } from "../../server/names";
import styles from "./Find.module.css";
import { offered } from "./offered";

interface Props {
  filter: Filter;
  onChange: (filter: Filter) => void;
  /** Tags that jobs in sight carry. */
  tags: readonly string[];
}

/** What the list is narrowed by, one chip each, and a field for more that completes what is written. */
export function Find({ filter, onChange, tags }: Props) {
  const text = useText("jobs").jobs;
  const id = useId();
  const [written, write] = useState("");
  const [open, setOpen] = useState(false);
  const [at, stand] = useState(-1);
  const queues = useQuery({ ...queueNames, enabled: open }).data ?? [];
  const tasks = useQuery({ ...taskNames, enabled: open }).data ?? [];
  const said = spelled(filter);
  const parts = said ? (said.match(/(?:[a-z]+:)?"(?:[^"\\]|\\.)*"|\S+/g) ?? []) : [];
  const offers = open ? offered(written, QUALIFIERS, { queue: queues, task: tasks, tag: tags, state: STATES }) : [];
  const take = (whole: string) => {
    if (!whole.trim()) return;
    onChange(understood(`${said} ${whole}`));
    write("");
    stand(-1);
  };
  const choose = (offer: string) => {
    const before = written.replace(/\S*$/, "");
    if (offer.endsWith(":")) write(before + offer);
    else take(before + offer);
    stand(-1);
  };
  const press = (event: KeyboardEvent<HTMLInputElement>) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && offers.length) {
      event.preventDefault();
      setOpen(true);
      stand((at + step + offers.length + (at < 0 && step < 0 ? 1 : 0)) % offers.length);
    } else if ((event.key === "Enter" || event.key === "Tab") && offers[at] !== undefined) {
      event.preventDefault();
      choose(offers[at]);
    } else if (event.key === "Escape" && open) {
      event.stopPropagation();
      setOpen(false);
    } else if (event.key === "Backspace" && written === "" && parts.length) {
      onChange(understood(parts.slice(0, -1).join(" ")));
    }
  };
  return (
    <form
      className={styles.find}
      onSubmit={(event) => {
        event.preventDefault();
        take(written);
      }}
    >
      {parts.map((part) => (
        <Chip key={part} drop={text.drop(part)} onDrop={() => onChange(understood(parts.filter((each) => each !== part).join(" ")))}>
          <code>{visible(part)}</code>
        </Chip>
      ))}
      <span className={styles.field}>
        <input
          value={written}
          onChange={(event) => {
            write(event.target.value);
            setOpen(true);
            stand(-1);
          }}
          onFocus={() => setOpen(true)}
          onBlur={() => setOpen(false)}
          onKeyDown={press}
          placeholder={text.addFilter}
          aria-label={text.addFilter}
          role="combobox"
          aria-expanded={offers.length > 0}
          aria-controls={`${id}-offers`}
          aria-autocomplete="list"
          {...(offers[at] === undefined ? {} : { "aria-activedescendant": `${id}-${at}` })}
          autoComplete="off"
          spellCheck={false}
        />
        <ul id={`${id}-offers`} role="listbox" aria-label={text.addFilter} hidden={offers.length === 0}>
          {offers.map((offer, number) => (
            <li
              key={offer}
              id={`${id}-${number}`}
              role="option"
              aria-selected={number === at}
              onMouseDown={(event) => {
                event.preventDefault();
                choose(offer);
              }}
            >
              {offer}
            </li>
          ))}
        </ul>
      </span>
      {filter.q ? <small>{text.textOnly}</small> : null}
    </form>
  );
}
