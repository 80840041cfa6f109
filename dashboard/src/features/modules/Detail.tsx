import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";

import { Skeleton } from "../../design/Notice";
import { Beside, Head } from "../../design/Page";
import { Said } from "../../design/Said";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import { isGone } from "../../server/http";
import { moduleQuery, type Module } from "../../server/modules";
import { person } from "../../server/names";
import type { Asks } from "../../server/queries";
import { tasksQuery, workersQuery } from "../../server/queues";
import { schedulesQuery } from "../../server/schedules";
import { useMay } from "../../server/session";
import { Failed, Unshown } from "../../shell/Broken";
import { About } from "./About";
import { Act } from "./Act";
import { Handlers, Nodes, Schedules, Settings, Tasks } from "./Brought";
import styles from "./Detail.module.css";
import { nodesOf } from "./said";

export const asks: Asks = ({ params: { name = "" }, may }) => [
  moduleQuery(name),
  { ...workersQuery, enabled: may("workers.read") },
  { ...tasksQuery, enabled: may("tasks.read") },
  { ...schedulesQuery, enabled: may("schedules.read") },
];

/** One module: what it brings, what it may do, how it is set, who includes it, and whether its work is done. */
export function Detail() {
  const text = useText("modules");
  const { name } = useParams({ from: "/inside/modules/$name" });
  const { data: module, error, refetch } = useQuery(moduleQuery(name));
  if (error && (!module || isGone(error))) return <Unshown title={name} before={<Path module={name} />} error={error} again={() => void refetch()} />;
  if (!module) return <Skeleton name={text.common.loading} />;
  return (
    <>
      <Top module={module} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      <Beside name={text.modules.about} aside={<About module={module} />}>
        <Tasks module={module} />
        <Schedules module={module} />
        <Handlers module={module} />
        <Settings module={module} />
        <Nodes module={module} />
      </Beside>
    </>
  );
}

function Top({ module }: { module: Module }) {
  return <Head title={useHeadline(module)} before={<Path module={module.module} />} lede={<Lede module={module} />} acts={<Act module={module} />} />;
}

function useHeadline(module: Module): string {
  const text = useText("modules").modules.is;
  const workers = useQuery({ ...workersQuery, enabled: useMay("workers.read") });
  if (module.error) return text.broken(module.module);
  if (module.disabled) return text.disabled(module.module);
  if (!workers.data) return text.plain(module.module);
  const nodes = nodesOf(module, workers.data.workers).length;
  return nodes ? text.enabled(module.module, nodes) : text.unheard(module.module);
}

function Lede({ module }: { module: Module }) {
  const text = useText("modules").modules;
  return (
    <>
      {module.error ? (
        <p>
          <Said>{module.error}</Said>
        </p>
      ) : null}
      {module.disabled ? (
        <p>
          {module.changed_by ? `${text.by(person(module.changed_by))}, ` : ""}
          {module.changed_at ? <Time at={module.changed_at} only="ago" /> : null}
          {module.note ? <>: “<Said>{module.note}</Said>”</> : ""}
        </p>
      ) : null}
      {module.description ? (
        <p>
          <Said>{module.description}</Said>
        </p>
      ) : null}
    </>
  );
}

function Path({ module }: { module: string }) {
  const text = useText("modules").modules;
  return (
    <p className={styles.path}>
      <Link to="/modules">{text.title}</Link> / {visible(module)}
    </p>
  );
}
