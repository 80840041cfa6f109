import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Nothing, Skeleton } from "../../design/Notice";
import { Section } from "../../design/Page";
import { Table } from "../../design/Table";
import { useText } from "../../i18n/text";
import { subscriptionsQuery } from "../../server/events";
import { Failed } from "../../shell/Broken";

/** The tasks that run for events. */
export function Subscriptions() {
  const text = useText("events");
  const words = text.events;
  const { data, error, refetch } = useQuery(subscriptionsQuery);
  if (error && !data) return <Failed error={error} again={() => void refetch()} />;
  if (!data) return <Skeleton name={text.common.loading} rows={3} />;
  if (!data.subscriptions.length) {
    return <Nothing more={<code>{words.subscriptionsExample}</code>}>{words.subscriptionsNone}</Nothing>;
  }
  return (
    <Section title={words.subscriptions(data.subscriptions.length)}>
      <Table
        title={words.views.subscriptions}
        rows={data.subscriptions}
        keyOf={(row) => `${row.task} ${row.pattern}`}
        columns={[
          {
            name: "task",
            head: words.task,
            kind: "name",
            cell: (row) => (
              <Link to="/jobs" search={{ task: [row.task] }}>
                {row.task}
              </Link>
            ),
          },
          {
            name: "pattern",
            head: words.pattern,
            cell: (row) => (
              <Link to="/events" search={{ pattern: row.pattern }}>
                <code>{row.pattern}</code>
              </Link>
            ),
          },
          { name: "position", head: words.handed, kind: "number", cell: (row) => row.position },
        ]}
      />
    </Section>
  );
}
