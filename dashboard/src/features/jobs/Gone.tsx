import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";

import { Head } from "../../design/Page";
import { Time } from "../../design/Time";
import { Said } from "../../design/Said";
import { useText } from "../../i18n/text";
import { tracesQuery } from "../../server/jobs";
import { useMay } from "../../server/session";

/** A job that is not there any more, and what is still known about it. */
export function Gone({ id }: { id: string }) {
  const text = useText("jobs").jobs;
  const may = useMay("audit.read");
  const { data } = useQuery({ ...tracesQuery(id, 1), enabled: may });
  const line = data?.lines[0];
  return (
    <>
      <Head
        title={text.gone}
        before={
          <p>
            <Link to="/jobs">{text.titleAll}</Link> / <code>{id}</code>
          </p>
        }
        lede={<p>{text.goneWhy}</p>}
      />
      {line ? (
        <p>
          {text.goneBy} <Time at={line.at} /> <code>{line.action}</code> {line.actor}
          {line.reason ? (
            <>
              : <Said>{line.reason}</Said>
            </>
          ) : null}
        </p>
      ) : null}
      <p>
        <Link to="/jobs">{text.showAll}</Link>
      </p>
    </>
  );
}
