import { useQuery } from "@tanstack/react-query";
import { useState } from "react";

import { useText } from "../../i18n/text";
import { preview } from "../../server/changes";
import { changeThese } from "../../server/failures";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { Sample } from "../../shell/Sample";
import { useToldOfJobs } from "../../shell/useTold";

export type Verb = "retry" | "canary" | "cancel" | "delete";

interface Props {
  verb: Verb;
  /** The jobs meant; of a trial all of them, though it begins with few. */
  ids: readonly string[];
  /** Those that are changed at once. */
  begun: readonly string[];
  onClose: () => void;
  done: (reason: string) => void;
}

const SHOWN = 1_000;

/** Says which jobs are meant, asks why, and does it. */
export function Act({ verb, ids, begun, onClose, done }: Props) {
  const text = useText("failures");
  const tell = useToldOfJobs();
  // What is asked about stays the same, whatever fails meanwhile.
  const [meant] = useState({ ids, begun });
  const look = useQuery({
    queryKey: ["preview", meant.begun],
    queryFn: () => preview({ ids: meant.begun.slice(0, SHOWN) }),
    staleTime: 0,
    gcTime: 0,
  });
  return (
    <Ask
      title={text.failures.really[verb](meant.ids.length)}
      effect={
        <>
          <p>{text.failures.effect[verb]}</p>
          {look.error ? <Failed error={look.error} /> : null}
          <Sample jobs={look.data?.sample} />
        </>
      }
      verb={text.common.doTo(text.failures.verbs[verb], text.common.jobs(meant.begun.length))}
      grave={verb === "delete"}
      ready={look.data !== undefined}
      act={async (reason) => ({ reason, changed: await changeThese(verb === "canary" ? "retry" : verb, meant.begun, reason) })}
      done={({ reason, changed }) => {
        tell(text.failures.done[verb](changed.count), changed.ways);
        done(reason);
      }}
      onClose={onClose}
    />
  );
}
