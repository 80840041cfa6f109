import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Menu } from "../../design/Menu";
import { Nothing, Skeleton } from "../../design/Notice";
import { Table, type Column } from "../../design/Table";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { changeRule, deleteRule, rulesQuery, type Rule } from "../../server/alerts";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { RuleForm } from "./RuleForm";
import { Severity } from "./Severity";
import { sentence } from "./words";

/** When people are told, each rule as a sentence. */
export function Rules() {
  const text = useText("alerts");
  const { data, error, refetch } = useQuery(rulesQuery);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} />;
  if (data.length === 0) return <Nothing>{text.alerts.noRulesYet}</Nothing>;
  const words = text.alerts;
  const columns: Column<Rule>[] = [
    {
      name: "name",
      head: words.rule,
      kind: "name",
      cell: (rule) => (
        <>
          <Severity of={rule.severity} bare /> {rule.name}
          {rule.enabled ? null : ` (${words.form.off})`}
        </>
      ),
    },
    { name: "when", head: words.form.when, cell: (rule) => sentence(rule, text) },
    { name: "channels", head: words.form.told, cell: (rule) => rule.channels.join(", ") || words.form.nobody },
    { name: "acts", head: text.common.more, kind: "tight", cell: (rule) => <Acts rule={rule} /> },
  ];
  return <Table title={words.tabs.rules} rows={data} keyOf={(rule) => rule.name} columns={columns} />;
}

function Acts({ rule }: { rule: Rule }) {
  const text = useText("alerts");
  const words = text.alerts;
  const toast = useToast();
  const [verb, ask] = useState<"change" | "switch" | "delete">();
  const refused = useMay("alerts.change") ? undefined : text.common.failed.forbidden("admin");
  const close = () => ask(undefined);
  return (
    <>
      <Menu
        name="⋯"
        label={words.acts(rule.name)}
        items={[
          { name: words.change, refused, act: () => ask("change") },
          { name: rule.enabled ? words.switchOff : words.switchOn, refused, act: () => ask("switch") },
          { name: words.remove, refused, act: () => ask("delete") },
        ]}
      />
      {verb === "change" ? <RuleForm rule={rule} onClose={close} /> : null}
      {verb === "switch" ? (
        <Ask
          title={`${rule.enabled ? words.switchOff : words.switchOn}: ${rule.name}`}
          effect={<p>{sentence(rule, text)}</p>}
          verb={rule.enabled ? words.switchOff : words.switchOn}
          act={(reason) => changeRule(rule, { enabled: !rule.enabled }, reason)}
          done={() => toast(words.saved(rule.name))}
          onClose={close}
        />
      ) : null}
      {verb === "delete" ? (
        <Ask
          grave
          title={words.removeRule(rule.name)}
          effect={
            <>
              <p>{sentence(rule, text)}</p>
              <p>{words.removeRuleEffect}</p>
            </>
          }
          verb={words.remove}
          act={(reason) => deleteRule(rule, reason)}
          done={() => toast(words.gone(rule.name))}
          onClose={close}
        />
      ) : null}
    </>
  );
}
