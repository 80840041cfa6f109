import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Facts } from "../../design/Facts";
import { Json } from "../../design/Json";
import { Section } from "../../design/Page";
import { Said } from "../../design/Said";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import type { Module } from "../../server/modules";
import { tasksQuery, workersQuery, type Worker } from "../../server/queues";
import { schedulesQuery, type Schedule } from "../../server/schedules";
import { useMay } from "../../server/session";
import { Failed } from "../../shell/Broken";
import { inWords } from "../../time/length";
import styles from "./Detail.module.css";
import { areFlat, isPausedWith, nodesOf, settingSaid } from "./said";

interface Props {
  module: Module;
}

/** Its tasks, and those that it has in other versions. */
export function Tasks({ module }: Props) {
  const { modules: text, common } = useText("modules");
  const { data, error } = useQuery({ ...tasksQuery, enabled: useMay("tasks.read") });
  const known = new Map(data?.tasks.map((task) => [task.task, task]));
  const names = [...module.tasks, ...module.former_tasks];
  return (
    <Section title={text.tasks}>
      {error ? <Failed error={error} /> : null}
      {names.length === 0 ? <p className={styles.plain}>{text.noTasks}</p> : null}
      {names.length ? (
        <Table
          title={text.tasks}
          rows={names}
          keyOf={(name) => name}
          columns={[
            {
              name: "task",
              head: text.task,
              kind: "name",
              cell: (name) => (
                <span className={styles.two}>
                  <Link to="/jobs" search={{ task: [name] }}>
                    {name}
                  </Link>
                  <Note said={module.tasks.includes(name) ? known.get(name)?.description.split("\n", 1)[0] : text.former} />
                </span>
              ),
            },
            { name: "queue", head: text.queue, cell: (name) => <Queue name={known.get(name)?.queue} /> },
            ...standing(module, names, known, text.state),
            {
              name: "live",
              head: text.live,
              kind: "number",
              cell: (name) => common.count(Object.values(known.get(name)?.counts ?? {}).reduce((sum, count) => sum + count, 0)),
            },
          ]}
        />
      ) : null}
    </Section>
  );
}

/** Its schedules, and those that it has in other versions. */
export function Schedules({ module }: Props) {
  const text = useText("modules");
  const { data, error } = useQuery({ ...schedulesQuery, enabled: useMay("schedules.read") });
  const known = new Map(data?.schedules.map((schedule) => [schedule.name, schedule]));
  const names = [...module.schedules, ...module.former_schedules];
  return (
    <Section title={text.modules.schedules}>
      {error ? <Failed error={error} /> : null}
      {names.length === 0 ? <p className={styles.plain}>{text.modules.noSchedules}</p> : null}
      {names.length ? (
        <Table
          title={text.modules.schedules}
          rows={names}
          keyOf={(name) => name}
          columns={[
            {
              name: "schedule",
              head: text.modules.schedule,
              kind: "name",
              cell: (name) => (
                <span className={styles.two}>
                  <Link to="/schedules/$name" params={{ name }}>
                    {name}
                  </Link>
                  <Note said={module.schedules.includes(name) ? undefined : text.modules.former} />
                </span>
              ),
            },
            { name: "comes", head: text.modules.comes, cell: (name) => <Comes schedule={known.get(name)} /> },
            ...standing(module, names, known, text.modules.state),
            {
              name: "next",
              head: text.modules.next,
              kind: "number",
              cell: (name) => {
                const at = known.get(name)?.next_at;
                return at ? <Time at={at} /> : "–";
              },
            },
          ]}
        />
      ) : null}
    </Section>
  );
}

/** What it hears of, and by which of its tasks. */
export function Handlers({ module }: Props) {
  const text = useText("modules").modules;
  const handlers = Object.entries(module.handlers);
  return (
    <Section title={text.handlers}>
      {handlers.length === 0 ? (
        <p className={styles.plain}>{text.noHandlers}</p>
      ) : (
        <Table
          title={text.handlers}
          rows={handlers}
          keyOf={([task]) => task}
          columns={[
            {
              name: "event",
              head: text.event,
              kind: "name",
              cell: ([, pattern]) => (
                <Link to="/events" search={{ pattern }}>
                  {pattern}
                </Link>
              ),
            },
            {
              name: "task",
              head: text.task,
              cell: ([task]) => (
                <Link to="/jobs" search={{ task: [task] }}>
                  {task}
                </Link>
              ),
            },
          ]}
        />
      )}
    </Section>
  );
}

/** How the application has it; what is secret the server does not tell. */
export function Settings({ module }: Props) {
  const text = useText("modules").modules;
  const may = useMay("modules.change");
  const settings = Object.entries(module.settings);
  return (
    <Section title={text.settings} aside={settings.length && !may ? text.settingsHidden : undefined}>
      {settings.length === 0 ? (
        <p className={styles.plain}>{text.noSettings}</p>
      ) : areFlat(module.settings) ? (
        <Facts facts={settings.map(([name, value]) => [name, settingSaid(value) || "“”"])} />
      ) : (
        <Json value={module.settings} name={text.settings} />
      )}
    </Section>
  );
}

/** The workers that include it. */
export function Nodes({ module }: Props) {
  const text = useText("modules").modules;
  const may = useMay("workers.read");
  const { data, error } = useQuery({ ...workersQuery, enabled: may });
  if (!may) return null;
  const nodes = nodesOf(module, data?.workers ?? []);
  return (
    <Section title={text.nodes}>
      {error ? <Failed error={error} /> : null}
      {data && nodes.length === 0 ? (
        <p className={styles.plain}>
          {text.noNodes} <code className={styles.code}>{text.start}</code>
        </p>
      ) : null}
      {nodes.length ? (
        <Table
          title={text.nodes}
          rows={nodes}
          keyOf={(worker) => String(worker.session)}
          columns={[
            {
              name: "worker",
              head: text.worker,
              kind: "name",
              cell: (worker) => (
                <span className={styles.two}>
                  <Link to="/workers">{worker.name}</Link>
                  <Note said={worker.name === `${worker.host}:${worker.pid}` ? undefined : `${worker.host} · ${worker.pid}`} />
                </span>
              ),
            },
            { name: "version", head: text.version, cell: (worker) => <Version worker={worker} module={module} /> },
            {
              name: "started",
              head: text.started,
              kind: "number",
              cell: (worker) => (worker.started_at === null ? "–" : <Time at={worker.started_at} only="ago" />),
            },
          ]}
        />
      ) : null}
    </Section>
  );
}

function Version({ worker, module }: Props & { worker: Worker }) {
  const text = useText("modules").modules;
  const version = worker.modules[module.module] ?? "";
  return <>{version === module.version ? version : `⚠ ${text.otherVersion(version)}`}</>;
}

function Comes({ schedule }: { schedule: Schedule | undefined }) {
  const text = useText("modules");
  if (schedule === undefined) return <>–</>;
  if (schedule.every) return <>{text.modules.every(inWords(schedule.every * 1_000, text.common.units))}</>;
  if (!schedule.pattern) return <>{text.modules.byHand}</>;
  return (
    <span className={`${styles.two} ${styles.whole}`}>
      <code>{schedule.pattern}</code>
      <Note said={schedule.tz.replaceAll("_", " ")} />
    </span>
  );
}

interface Paused {
  paused: boolean;
  note: string;
}

/** The column that tells what is paused, where anything is. */
function standing(module: Module, names: readonly string[], known: ReadonlyMap<string, Paused>, head: string): Column<string>[] {
  const cell = (name: string) => <Standing of={known.get(name)} module={module} />;
  return names.some((name) => known.get(name)?.paused) ? [{ name: "state", head, cell }] : [];
}

function Standing({ of, module }: Props & { of: Paused | undefined }) {
  const text = useText("modules").modules;
  if (!of?.paused) return null;
  if (isPausedWith(module, of.note)) return <>{text.pausedWith}</>;
  return <Said>{text.paused(of.note)}</Said>;
}

function Queue({ name }: { name: string | null | undefined }) {
  if (!name) return <>–</>;
  return (
    <Link to="/queues/$queue" params={{ queue: name }}>
      {name}
    </Link>
  );
}

function Note({ said }: { said: string | undefined }) {
  return said ? (
    <small className={styles.note}>
      <Said>{said}</Said>
    </small>
  ) : null;
}
