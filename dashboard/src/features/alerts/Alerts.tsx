import { useQuery } from "@tanstack/react-query";
import { useSearch } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Head } from "../../design/Page";
import { Tabs } from "../../design/Tabs";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { channelsQuery, rulesQuery, useIncidents } from "../../server/alerts";
import { useMay } from "../../server/session";
import { ChannelForm } from "./ChannelForm";
import { Channels } from "./Channels";
import { Incidents } from "./Incidents";
import { RuleForm } from "./RuleForm";
import { Rules } from "./Rules";

const TABS = ["incidents", "rules", "channels"] as const;
const PAGES = { incidents: Incidents, rules: Rules, channels: Channels };

/** What is wrong now, when people are told, and how. */
export function Alerts() {
  const text = useText("alerts");
  const { tab = "incidents" } = useSearch({ from: "/inside/alerts" });
  const may = useMay("alerts.change");
  const found = useIncidents().data;
  const rules = useQuery(rulesQuery).data;
  const channels = useQuery(channelsQuery).data;
  const [makes, make] = useState<"rule" | "channel">();
  const refused = may ? undefined : text.common.failed.forbidden("admin");
  const title = !found || !rules ? text.alerts.title : found.open ? text.alerts.wrong(found.open) : rules.length ? text.alerts.right : text.alerts.unwatched;
  const last = found?.incidents.find((each) => each.resolved_at !== null);
  const counts = { incidents: found?.open, rules: rules?.length, channels: channels?.length };
  const Page = PAGES[tab];
  return (
    <>
      <Head
        title={title}
        lede={
          found?.open ? (
            text.alerts.lede(found.unacknowledged, found.open)
          ) : last?.resolved_at ? (
            <>
              {text.alerts.lastOver} <Time at={last.resolved_at} only="ago" />.
            </>
          ) : undefined
        }
        acts={
          <>
            <Button refused={refused} onClick={() => make("rule")}>
              {text.alerts.newRule}
            </Button>
            <Button refused={refused} onClick={() => make("channel")}>
              {text.alerts.newChannel}
            </Button>
          </>
        }
      />
      <Tabs
        name={text.alerts.title}
        tabs={TABS.map((each) => ({
          key: each,
          name: (
            <>
              {text.alerts.tabs[each]} {counts[each] === undefined ? null : <small>{text.common.count(counts[each])}</small>}
            </>
          ),
          to: "/alerts",
          search: each === "incidents" ? {} : { tab: each },
          current: tab === each,
        }))}
      />
      <Page />
      {makes === "rule" ? <RuleForm onClose={() => make(undefined)} /> : null}
      {makes === "channel" ? <ChannelForm onClose={() => make(undefined)} /> : null}
    </>
  );
}
