import { useQuery } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";

import { Button } from "../../design/Button";
import { Check, Choice } from "../../design/Field";
import { Mark } from "../../design/Mark";
import { Menu } from "../../design/Menu";
import { Said } from "../../design/Said";
import type { State } from "../../design/states";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { person } from "../../server/names";
import { wayBack } from "../../server/operations";
import { clean, countFinished, drain, FINISHED, pause, resume, type Finished, type Queue } from "../../server/queues";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { useVerbs } from "../../shell/keys";
import { useTold, useToldOfJobs } from "../../shell/useTold";
import { now } from "../../time/clock";
import { Edit } from "./Edit";
import styles from "./Queues.module.css";

type Verb = "pause" | "resume" | "drain" | "clean" | "edit";

/** What may be done to a queue, each with why it may not; and the dialog of what was chosen. */
function useActs(queue: Queue) {
  const all = useText("queues");
  const text = all.queues;
  const [verb, ask] = useState<Verb>();
  const may = { change: useMay("queues.change"), drain: useMay("jobs.change"), clean: useMay("jobs.delete") };
  const refuse = (allowed: boolean, role: string) => (allowed ? undefined : all.common.failed.forbidden(role));
  const verbs: { verb: Verb; name: string; refused: string | undefined }[] = [
    queue.paused
      ? { verb: "resume", name: text.resume, refused: refuse(may.change, "operator") }
      : { verb: "pause", name: text.pause, refused: refuse(may.change, "operator") },
    { verb: "edit", name: text.edit, refused: refuse(may.change, "operator") },
    { verb: "drain", name: text.drain, refused: refuse(may.drain, "operator") },
    { verb: "clean", name: text.clean, refused: refuse(may.clean, "operator") },
  ];
  const close = () => ask(undefined);
  const dialog: Record<Verb, ReactNode> = {
    pause: <Pause queue={queue} onClose={close} />,
    resume: <Resume queue={queue} onClose={close} />,
    drain: <Drain queue={queue} onClose={close} />,
    clean: <Clean queue={queue} onClose={close} />,
    edit: <Edit queue={queue} onClose={close} />,
  };
  return { verbs, ask, dialog: verb ? dialog[verb] : null };
}

/** In a row: one button, and a menu of the rest. */
export function RowActs({ queue }: { queue: Queue }) {
  const text = useText("queues").queues;
  const { verbs, ask, dialog } = useActs(queue);
  return (
    <div className={styles.acts}>
      <Menu
        name="⋯"
        label={text.acts(queue.queue)}
        items={verbs.map((each) => ({ name: each.name, refused: each.refused, act: () => ask(each.verb) }))}
      />
      {dialog}
    </div>
  );
}

/** At the head of a page: a button for each. */
export function HeadActs({ queue }: { queue: Queue }) {
  const { verbs, ask, dialog } = useActs(queue);
  useVerbs(verbs.map(({ verb, ...each }) => ({ ...each, act: () => ask(verb) })));
  return (
    <>
      {verbs.map((each, at) => (
        <Button
          key={each.verb}
          kind={each.verb === "clean" || each.verb === "drain" ? "grave" : at === 0 ? "main" : "plain"}
          refused={each.refused}
          onClick={() => ask(each.verb)}
        >
          {each.name}
        </Button>
      ))}
      {dialog}
    </>
  );
}

interface Props {
  queue: Queue;
  onClose: () => void;
}

/** What was done to a queue is undone from its toast for so long. */
const UNDONE_FOR = 600_000;

function Pause({ queue, onClose }: Props) {
  const text = useText("queues").queues;
  const tell = useTold();
  return (
    <Ask
      title={text.pauseReally(queue.queue)}
      effect={<p>{text.pauseEffect(queue.counts.waiting)}</p>}
      said={{ label: text.note, hint: text.noteWhy }}
      verb={text.pause}
      act={(note) => pause(queue, note)}
      done={(paused) =>
        tell(text.isPaused(queue.queue), {
          until: now() + UNDONE_FOR,
          go: () => resume(paused).then(() => text.isResumed(queue.queue)),
        })
      }
      onClose={onClose}
    />
  );
}

function Resume({ queue, onClose }: Props) {
  const text = useText("queues").queues;
  const tell = useTold();
  return (
    <Ask
      title={`${text.resume}: ${queue.queue}`}
      effect={
        <>
          <p className={styles.why}>
            {text.pausedBy(person(queue.paused_by))}
            {queue.note ? <>: “<Said>{queue.note}</Said>”</> : ""}
          </p>
          <p>{text.gaugeAlone(queue.counts.waiting)}</p>
        </>
      }
      verb={text.resume}
      said={null}
      // What was noted is read before: once it is done, the queue is shown without it.
      act={async () => ({ note: queue.note, resumed: await resume(queue) })}
      done={({ note, resumed }) =>
        tell(text.isResumed(queue.queue), {
          until: now() + UNDONE_FOR,
          go: () => pause(resumed, note).then(() => text.isPaused(queue.queue)),
        })
      }
      onClose={onClose}
    />
  );
}

function Counts({ counts }: { counts: readonly (readonly [State, ReactNode])[] }) {
  const text = useText("queues");
  return (
    <dl className={styles.counts} aria-label={text.queues.counts}>
      {counts.map(([state, count]) => [
        <dt key={state}>
          <Mark state={state} /> {text.common.states[state]}
        </dt>,
        <dd key={`${state} count`}>{count}</dd>,
      ])}
    </dl>
  );
}

function Drain({ queue, onClose }: Props) {
  const all = useText("queues");
  const text = all.queues;
  const tell = useToldOfJobs();
  const [later, setLater] = useState(false);
  const { waiting, blocked, scheduled, retrying } = queue.counts;
  const total = waiting + blocked + (later ? scheduled + retrying : 0);
  const states: State[] = later ? ["waiting", "blocked", "scheduled", "retrying"] : ["waiting", "blocked"];
  return (
    <Ask
      title={text.drainReally(queue.queue)}
      effect={<p>{text.drainEffect}</p>}
      verb={text.drainButton(text.countMany(total, false))}
      grave
      refused={total ? undefined : text.nothingThere}
      act={async (reason) => {
        const done = await drain(queue, later, reason);
        tell(text.drained(done.changed, done.job !== null), wayBack(done));
      }}
      onClose={onClose}
    >
      <Counts counts={states.map((state) => [state, all.common.count(queue.counts[state as keyof Queue["counts"]])] as const)} />
      <Check label={text.drainLater(scheduled + retrying)} checked={later} onChange={(event) => setLater(event.target.checked)} />
    </Ask>
  );
}

function Clean({ queue, onClose }: Props) {
  const all = useText("queues");
  const text = all.queues;
  const toast = useToast();
  const [states, choose] = useState<Finished[]>(["completed", "cancelled"]);
  const [age, setAge] = useState("604800");
  const look = useQuery({
    queryKey: ["preview", "clean", queue.queue, age],
    queryFn: async () => Promise.all(FINISHED.map((state) => countFinished(queue.queue, state, Number(age)))),
    staleTime: 0,
    gcTime: 0,
    placeholderData: undefined,
  });
  const found = FINISHED.map((state, at) => [state, look.data?.[at]] as const);
  const chosen = found.filter(([state]) => states.includes(state));
  const total = chosen.reduce((sum, [, each]) => sum + (each?.count ?? 0), 0);
  const count = text.countMany(total, chosen.some(([, each]) => each?.more));
  return (
    <Ask
      title={text.cleanReally(queue.queue)}
      effect={<p>{text.cleanEffect}</p>}
      verb={text.cleanButton(look.data ? count : "…")}
      grave
      refused={states.length === 0 ? text.chooseState : look.data && total > 0 ? undefined : text.nothingThere}
      act={async (reason) => {
        const done = await clean(queue, states, Number(age), reason);
        toast(text.cleaned(done.changed, done.job !== null));
      }}
      onClose={onClose}
    >
      <Choice label={text.cleanAge} value={age} options={Object.entries(text.ages)} onChange={(event) => setAge(event.target.value)} />
      {look.error ? <Failed error={look.error} /> : null}
      <dl className={styles.counts} aria-label={text.cleanStates}>
        {found.map(([state, each]) => [
          <dt key={state}>
            <Check
              label={
                <>
                  <Mark state={state} /> {all.common.states[state]}
                </>
              }
              checked={states.includes(state)}
              onChange={() => choose(states.includes(state) ? states.filter((one) => one !== state) : [...states, state])}
            />
          </dt>,
          <dd key={`${state} count`}>{each ? text.countMany(each.count, each.more) : "…"}</dd>,
        ])}
      </dl>
    </Ask>
  );
}
