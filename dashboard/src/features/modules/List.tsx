import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Nothing, Skeleton } from "../../design/Notice";
import { Head } from "../../design/Page";
import { Said } from "../../design/Said";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { modulesQuery, type Module } from "../../server/modules";
import { person } from "../../server/names";
import type { Asks } from "../../server/queries";
import { Failed } from "../../shell/Broken";
import { Act } from "./Act";
import styles from "./List.module.css";
import { quotasSaid } from "./said";

export const asks: Asks = () => [modulesQuery];

/** What packages bring, whether it is done, and how much of it. */
export function List() {
  const { modules: text, common } = useText("modules");
  const { data, error, refetch } = useQuery(modulesQuery);
  const off = data?.filter((each) => each.disabled).length ?? 0;
  const columns: Column<Module>[] = [
    { name: "name", head: text.name, kind: "name", cell: (each) => <Name module={each} /> },
    { name: "state", head: text.state, cell: (each) => <State module={each} /> },
    { name: "quotas", head: text.quotas, cell: (each) => <Quotas module={each} /> },
    { name: "tasks", head: text.tasks, kind: "number", cell: (each) => common.count(each.tasks.length) },
    { name: "schedules", head: text.schedules, kind: "number", cell: (each) => common.count(each.schedules.length) },
    { name: "acts", head: common.more, kind: "tight", unseen: true, cell: (each) => <Act module={each} /> },
  ];
  return (
    <>
      <Head title={data?.length ? text.headline(data.length, off) : data ? text.none : text.title} lede={data?.length ? <p>{text.lede}</p> : undefined} />
      {error ? <Failed error={error} again={() => void refetch()} /> : null}
      {!data && !error ? <Skeleton name={common.loading} rows={3} /> : null}
      {data?.length === 0 ? <Nothing more={<code className={styles.code}>{text.example}</code>}>{text.noneWhy}</Nothing> : null}
      {data?.length ? <Table title={text.title} rows={data} keyOf={(each) => each.module} columns={columns} /> : null}
    </>
  );
}

function Name({ module }: { module: Module }) {
  return (
    <span className={styles.name}>
      <Link to="/modules/$name" params={{ name: module.module }}>
        {module.module}
      </Link>{" "}
      {module.version}
      {module.description ? (
        <small>
          <Said>{module.description}</Said>
        </small>
      ) : null}
    </span>
  );
}

function State({ module }: { module: Module }) {
  const text = useText("modules").modules;
  if (module.error) {
    return (
      <span className={styles.state}>
        ⚠ {text.states.broken}
        <small>
          <Said>{module.error}</Said>
        </small>
      </span>
    );
  }
  if (!module.disabled) return <>{text.states.enabled}</>;
  return (
    <span className={styles.state}>
      {module.changed_by ? text.disabledBy(person(module.changed_by)) : text.states.disabled}
      {module.changed_at ? (
        <>
          , <Time at={module.changed_at} only="ago" />
        </>
      ) : null}
      {module.note ? (
        <small>
          “<Said>{module.note}</Said>”
        </small>
      ) : null}
    </span>
  );
}

function Quotas({ module }: { module: Module }) {
  const text = useText("modules");
  return <span className={styles.plain}>{quotasSaid(module, text) || text.modules.noQuota}</span>;
}
