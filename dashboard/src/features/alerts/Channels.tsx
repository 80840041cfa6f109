import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { Menu } from "../../design/Menu";
import { Nothing, Skeleton } from "../../design/Notice";
import { Table, type Column } from "../../design/Table";
import { Time } from "../../design/Time";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { channelsQuery, deleteChannel, rulesQuery, testChannel, type Channel } from "../../server/alerts";
import { useMay } from "../../server/session";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { Tested } from "./Tested";

/** Who is told, and how. */
export function Channels() {
  const text = useText("alerts");
  const words = text.alerts.channel;
  const { data, error, refetch } = useQuery(channelsQuery);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} />;
  if (data.length === 0) return <Nothing>{text.alerts.noChannels}</Nothing>;
  const columns: Column<Channel>[] = [
    { name: "name", head: text.alerts.form.name, kind: "name", cell: (each) => each.name },
    { name: "by", head: words.by, cell: (each) => words.bys[each.by] },
    { name: "to", head: words.where, cell: (each) => each.url || each.to.join(", ") },
    { name: "made", head: words.made, kind: "number", spare: true, cell: (each) => <Time at={each.created_at} only="ago" /> },
    { name: "acts", head: text.common.more, kind: "tight", cell: (each) => <Acts channel={each} /> },
  ];
  return <Table title={text.alerts.tabs.channels} rows={data} keyOf={(each) => each.name} columns={columns} />;
}

function Acts({ channel }: { channel: Channel }) {
  const text = useText("alerts");
  const words = text.alerts;
  const toast = useToast();
  const rules = useQuery(rulesQuery).data ?? [];
  const [deletes, ask] = useState(false);
  const test = useMutation({ mutationFn: () => testChannel(channel.name) });
  const refused = useMay("alerts.change") ? undefined : text.common.failed.forbidden("admin");
  return (
    <>
      <Menu
        name="⋯"
        label={words.acts(channel.name)}
        items={[
          { name: words.channel.test, refused, act: () => test.mutate() },
          { name: words.remove, refused, act: () => ask(true) },
        ]}
      />
      {test.data ? <Tested channel={channel.name} job={test.data} onClose={() => test.reset()} /> : null}
      {test.error ? <Failed error={test.error} doing={words.channel.test} again={() => test.mutate()} /> : null}
      {deletes ? (
        <Ask
          grave
          title={words.removeChannel(channel.name)}
          effect={<p>{words.removeChannelEffect(rules.filter((each) => each.channels.includes(channel.name)).length)}</p>}
          verb={words.remove}
          act={(reason) => deleteChannel(channel, reason)}
          done={() => toast(words.gone(channel.name))}
          onClose={() => ask(false)}
        />
      ) : null}
    </>
  );
}
