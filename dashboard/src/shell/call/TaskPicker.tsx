import { useId, useState } from "react";

import { Button } from "../../design/Button";
import { Field } from "../../design/Field";
import { Nothing } from "../../design/Notice";
import { useText } from "../../i18n/text";
import type { Task } from "../../server/calls";
import { inWords } from "../../time/length";
import styles from "./TaskPicker.module.css";

interface Props {
  tasks: readonly Task[];
  chosen: string;
  onChoose: (task: string) => void;
  /** What is wrong with the choice. */
  wrong?: string | undefined;
}

/** Finds a task by its name or what is said of it, and shows the one that was chosen. */
export function TaskPicker({ tasks, chosen, onChoose, wrong }: Props) {
  const text = useText("attempts", "call");
  const words = text.call;
  const [looking, look] = useState(false);
  const [sought, seek] = useState("");
  const group = useId();
  const task = tasks.find((each) => each.task === chosen);
  if (chosen && !looking) {
    return (
      <div className={styles.chosen}>
        <div className={styles.top}>
          <h3>{chosen}</h3>
          <Button onClick={() => look(true)}>{words.another}</Button>
        </div>
        {task ? <About task={task} /> : <p className={styles.missing}>{words.unknown}</p>}
        {wrong ? <p className={styles.missing}>{wrong}</p> : null}
      </div>
    );
  }
  if (tasks.length === 0) return <Nothing more={<code>@app.task</code>}>{words.noTasks}</Nothing>;
  const parts = sought.toLowerCase().split(/\s+/);
  const found = tasks.filter((each) => {
    const said = `${each.task} ${each.description} ${each.queue} ${each.tags.join(" ")}`.toLowerCase();
    return parts.every((part) => said.includes(part));
  });
  return (
    <div className={styles.picker}>
      <Field label={words.find} type="search" value={sought} autoComplete="off" wrong={wrong} onChange={(event) => seek(event.target.value)} />
      <fieldset className={styles.list}>
        <legend className="hidden">{words.task}</legend>
        {found.map((each) => (
          <label key={each.task} className={styles.row}>
            <input
              type="radio"
              name={group}
              checked={each.task === chosen}
              onChange={() => onChoose(each.task)}
              onClick={(event) => {
                // Arrows choose, too, and are to go on through the list.
                if (event.detail > 0) look(false);
                onChoose(each.task);
              }}
              onKeyDown={(event) => {
                if (event.key !== "Enter") return;
                event.preventDefault();
                onChoose(each.task);
                look(false);
              }}
            />
            <span>
              <b>{each.task}</b>
              <small>{firstLine(each.description)}</small>
            </span>
          </label>
        ))}
        {found.length === 0 ? <p className={styles.none}>{words.noneFound(sought)}</p> : null}
      </fieldset>
    </div>
  );
}

function About({ task }: { task: Task }) {
  const text = useText("attempts", "call");
  const words = text.call;
  const facts = [
    task.queue === null ? "" : words.inQueue(task.queue),
    task.priority ? words.ofPriority(task.priority) : "",
    task.timeout === null ? "" : words.upTo(inWords(task.timeout * 1_000, text.common.units)),
    task.attempts === null ? "" : words.attempts(task.attempts),
    task.concurrency ? words.atOnce(task.concurrency.most, task.concurrency.key) : "",
    task.tags.length ? words.tagged(task.tags.join(", ")) : "",
  ].filter(Boolean);
  return (
    <>
      {task.description ? <p className={styles.description}>{task.description}</p> : <p className={styles.facts}>{words.noDescription}</p>}
      <p className={styles.facts}>{facts.join(" · ")}</p>
      {task.paused ? <p className={styles.missing}>{words.taskPaused(task.paused_by, task.note)}</p> : null}
    </>
  );
}

function firstLine(description: string): string {
  return description.split("\n", 1)[0] ?? "";
}
