import { useQuery } from "@tanstack/react-query";

import { useText } from "../../i18n/text";
import { preview } from "../../server/changes";
import { asJobs, sweep, type DeadMeant, type DeadVerb } from "../../server/dead";
import { failureQuery } from "../../server/failures";
import { client } from "../../server/queries";
import { Ask } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";
import { Sample } from "../../shell/Sample";
import { useToldOfJobs } from "../../shell/useTold";

/** Which letters are meant: these, all that match, or all of one cause. */
export type Wanted = DeadMeant | { fingerprint: string };

/** What is asked to be done to some of them. */
export interface Asked {
  verb: DeadVerb;
  wanted: Wanted;
  done?: () => void;
}

interface Props {
  verb: DeadVerb;
  wanted: Wanted;
  onClose: () => void;
  done: () => void;
}

const SHOWN = 1_000;

async function looked(wanted: Wanted) {
  const meant: DeadMeant =
    "fingerprint" in wanted
      ? { ids: (await client.fetchQuery({ ...failureQuery(wanted.fingerprint), staleTime: 0 })).failed }
      : wanted;
  if ("filter" in meant) return { meant, ...(await preview({ filter: asJobs(meant.filter) })) };
  const some = await preview({ ids: meant.ids.slice(0, SHOWN) });
  return { meant, ...some, count: Math.max(some.count, meant.ids.length) };
}

/** Says how many letters are meant and which, asks why, and does it. */
export function Sweep({ verb, wanted, onClose, done }: Props) {
  const text = useText("dead");
  const tell = useToldOfJobs();
  const look = useQuery({ queryKey: ["preview", "dead", wanted], queryFn: () => looked(wanted), staleTime: Infinity, gcTime: 0 });
  const count = look.data ? text.dead.letters(look.data.count, look.data.more) : "…";
  return (
    <Ask
      title={text.dead.really[verb](count)}
      effect={
        <>
          <p>{text.dead.effect[verb]}</p>
          {look.error ? <Failed error={look.error} again={() => void look.refetch()} /> : null}
          <Sample jobs={look.data?.sample} />
        </>
      }
      verb={text.common.doTo(text.dead[verb], count)}
      grave={verb === "discard"}
      ready={Boolean(look.data?.count)}
      act={(reason) => sweep(verb, look.data!.meant, reason)}
      done={({ changed, goesOn, ways }) => {
        tell(text.dead.done[verb](changed, goesOn), ways);
        done();
      }}
      onClose={onClose}
    />
  );
}
