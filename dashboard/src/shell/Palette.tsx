import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";

import { Dialog } from "../design/Dialog";
import { useText } from "../i18n/text";
import { understood } from "../server/filter";
import { queueNames, taskNames } from "../server/names";
import { scheduleNames } from "../server/planned";
import { useMay, useSession } from "../server/session";
import { found, idIn, type Entry } from "./found";
import { useKeys, type Verb } from "./keys";
import styles from "./Palette.module.css";
import { PLACES } from "./places";

interface Props {
  /** What can be done anywhere. */
  commands: readonly Verb[];
  onClose: () => void;
}

/** Goes anywhere and does anything, by a few letters; a combobox whose list is always open. */
export function Palette({ commands, onClose }: Props) {
  const text = useText("shell").shell.palette;
  const close = useText().common.close;
  const list = useId();
  const [written, write] = useState("");
  const [at, go] = useState(0);
  const shown = useEntries(commands, written);
  const here = Math.min(at, Math.max(0, shown.length - 1));
  const active = useRef<HTMLLIElement>(null);
  useEffect(() => {
    active.current?.scrollIntoView({ block: "nearest" });
  }, [here, written]);
  const take = (entry: Entry | undefined) => {
    if (!entry || entry.refused) return;
    onClose();
    // Once it is closed the browser gives the focus back; only then is it anybody else's to take.
    setTimeout(entry.act);
  };
  const press = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const next = { ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + 8, PageUp: here - 8 }[event.key];
    if (event.key === "Enter") take(shown[here]);
    else if (next !== undefined && shown.length) {
      const isStep = Math.abs(next - here) === 1;
      go(isStep ? (next + shown.length) % shown.length : Math.max(0, Math.min(shown.length - 1, next)));
    } else return;
    event.preventDefault();
  };
  return (
    <Dialog wide title={text.title} onClose={onClose} closeText={close}>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={list}
        aria-autocomplete="list"
        aria-label={text.field}
        aria-activedescendant={shown[here] ? `${list}-${here}` : undefined}
        placeholder={text.field}
        className={styles.field}
        value={written}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          write(event.target.value);
          go(0);
        }}
        onKeyDown={press}
      />
      <ul id={list} role="listbox" aria-label={text.title} className={styles.list}>
        {shown.map((entry, number) => (
          <li
            key={`${entry.kind} ${entry.name}`}
            id={`${list}-${number}`}
            ref={number === here ? active : undefined}
            role="option"
            aria-selected={number === here}
            aria-disabled={entry.refused !== undefined}
            title={entry.refused}
            onMouseMove={() => go(number)}
            onClick={() => take(entry)}
          >
            <span className={styles.name}>{entry.name}</span>
            <small>{entry.refused ?? entry.kind}</small>
            {entry.key ? <kbd>{entry.key}</kbd> : null}
          </li>
        ))}
      </ul>
      <p role="status" className={shown.length ? "hidden" : ""}>
        {shown.length ? text.found(shown.length) : text.none}
      </p>
    </Dialog>
  );
}

function useEntries(commands: readonly Verb[], written: string): Entry[] {
  const words = useText("shell");
  const text = words.shell.palette;
  const navigate = useNavigate();
  const { permissions } = useSession();
  const { verbs } = useKeys();
  const queues = useQuery({ ...queueNames, enabled: useMay("queues.read") }).data ?? [];
  const tasks = useQuery({ ...taskNames, enabled: useMay("tasks.read") }).data ?? [];
  const schedules = useQuery({ ...scheduleNames, enabled: useMay("schedules.read") }).data ?? [];
  const entries: Entry[] = [
    ...verbs().map((verb) => ({ ...verb, kind: text.act })),
    ...PLACES.filter((place) => permissions.includes(place.needs)).map((place) => ({
      name: words.common.nav[place.name],
      kind: text.page,
      act: () => void navigate({ to: place.to }),
      ...(place.key ? { key: `g ${place.key}` } : {}),
    })),
    ...commands.map((verb) => ({ ...verb, kind: text.command })),
    ...queues.map((queue) => ({ name: queue, kind: text.queue, act: () => void navigate({ to: "/queues/$queue", params: { queue } }) })),
    ...tasks.map((task) => ({ name: task, kind: text.task, act: () => void navigate({ to: "/jobs", search: { task: [task] } }) })),
    ...schedules.map((name) => ({ name, kind: text.schedule, act: () => void navigate({ to: "/schedules/$name", params: { name } }) })),
  ];
  const id = idIn(written);
  if (id) return [{ name: text.openJob(id), kind: text.job, act: () => void navigate({ to: "/jobs/$id", params: { id } }) }];
  const shown = found(entries, written);
  const asked = written.trim();
  if (!asked) return shown;
  return [...shown, { name: text.search(asked), kind: text.job, act: () => void navigate({ to: "/jobs", search: understood(asked) }) }];
}
