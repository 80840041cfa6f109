import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Nothing, Skeleton } from "../../design/Notice";
import { Section } from "../../design/Page";
import { Table, type Column } from "../../design/Table";
import { Length, Time } from "../../design/Time";
import { useToast } from "../../design/Toast";
import { useText, type Text } from "../../i18n/text";
import { acknowledge, resolve, rulesQuery, useIncidents, type Incident } from "../../server/alerts";
import { person } from "../../server/names";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import styles from "./Incidents.module.css";
import { Severity } from "./Severity";

const PAGE = 25;

/** What is open, each with what can be said of it; below it what is over. */
export function Incidents() {
  const text = useText("alerts");
  const { data, error, refetch } = useIncidents();
  const rules = useQuery(rulesQuery).data;
  const [shown, show] = useState(PAGE);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} />;
  const open = data.incidents.filter((each) => each.stage === "open");
  const over = data.incidents.filter((each) => each.stage === "resolved");
  if (open.length + over.length === 0) {
    return <Nothing>{rules?.length === 0 ? text.alerts.noRules : text.alerts.overNone}</Nothing>;
  }
  return (
    <>
      {open.length ? (
        <ul className={styles.open} aria-label={text.alerts.open}>
          {open.map((each) => (
            <Open key={each.id} incident={each} />
          ))}
        </ul>
      ) : null}
      <Section title={text.alerts.over} aside={text.alerts.overAside}>
        {over.length ? (
          <Table title={text.alerts.over} rows={over.slice(0, shown)} keyOf={(each) => each.id} columns={columns(text)} />
        ) : (
          <Nothing>{text.alerts.overNone}</Nothing>
        )}
        {over.length > shown ? (
          <Button onClick={() => show(shown + PAGE)}>{text.alerts.showMore(Math.min(PAGE, over.length - shown))}</Button>
        ) : null}
      </Section>
    </>
  );
}

function Open({ incident }: { incident: Incident }) {
  const text = useText("alerts");
  const toast = useToast();
  const may = useMay("alerts.acknowledge");
  const [verb, ask] = useState<"acknowledge" | "resolve">();
  const refused = may ? undefined : text.common.failed.forbidden("operator");
  const who = person(incident.acknowledged_by);
  return (
    <li className={styles.incident}>
      <Severity of={incident.severity} bare />
      <div>
        <strong>{incident.text}</strong>
        <p className={styles.facts}>
          {text.alerts.rule} <code>{incident.rule}</code> · {text.alerts.since.toLowerCase()} <Time at={incident.opened_at ?? incident.began_at} />
        </p>
        {who ? <p className={styles.facts}>{text.alerts.noted(text.alerts.lookedAfter(who), incident.note)}</p> : null}
      </div>
      <div className={styles.acts}>
        {who ? null : (
          <Button kind="main" refused={refused} onClick={() => ask("acknowledge")}>
            {text.alerts.acknowledge}
          </Button>
        )}
        <Button refused={refused} onClick={() => ask("resolve")}>
          {text.alerts.resolve}
        </Button>
      </div>
      {verb ? (
        <Ask
          title={incident.text}
          effect={<p>{verb === "acknowledge" ? text.alerts.acknowledgeEffect : text.alerts.resolveEffect}</p>}
          verb={text.alerts[verb]}
          said={{ label: text.alerts.say, hint: text.alerts.sayHint }}
          act={(note) => (verb === "acknowledge" ? acknowledge : resolve)(incident.id, note)}
          done={() => toast(verb === "acknowledge" ? text.alerts.acknowledged : text.alerts.resolved)}
          onClose={() => ask(undefined)}
        />
      ) : null}
    </li>
  );
}

function columns(text: Text<"alerts">): Column<Incident>[] {
  const words = text.alerts;
  return [
    {
      name: "text",
      head: words.incident,
      kind: "name",
      cell: (each) => (
        <>
          <Severity of={each.severity} bare /> {each.text}
        </>
      ),
    },
    { name: "rule", head: words.rule, cell: (each) => <code>{each.rule}</code> },
    {
      name: "by",
      head: words.resolvedBy,
      cell: (each) =>
        each.resolved_by || !each.note
          ? words.noted(person(each.resolved_by) || words.itself, each.note)
          : `${words.itself} (${words.noted(person(each.acknowledged_by), each.note)})`,
    },
    { name: "began", head: words.began, kind: "number", cell: (each) => <Time at={each.began_at} /> },
    { name: "lasted", head: words.lasted, kind: "number", cell: (each) => <Length seconds={lasted(each)} /> },
  ];
}

function lasted({ began_at, resolved_at }: Incident): number | null {
  return resolved_at === null ? null : (Date.parse(resolved_at) - Date.parse(began_at)) / 1_000;
}
