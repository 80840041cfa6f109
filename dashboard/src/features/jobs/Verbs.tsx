import { useNavigate, type NavigateOptions } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { copy } from "../../design/copy";
import { Menu } from "../../design/Menu";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { allows, type Job, type Verb } from "../../server/jobs";
import { useMay } from "../../server/session";
import { useVerbs } from "../../shell/keys";
import { Confirm } from "./Confirm";
import { asCurl, asPython } from "./copies";
import { KEYS } from "./keys";

/** What can be done to one job. */
export function Verbs({ job }: { job: Job }) {
  const text = useText("jobs");
  const toast = useToast();
  const navigate = useNavigate();
  const mayChange = useMay("jobs.change");
  const mayDelete = useMay("jobs.delete");
  const mayEnqueue = useMay("jobs.enqueue");
  const [verb, ask] = useState<Verb>();
  const refused = (may: boolean) => (may ? undefined : text.common.failed.forbidden("operator"));
  const shown = (["retry", "runNow", "cancel"] as const).filter((each) => allows(each, job));
  const more = (["move", "reprioritise", "postpone", "delete"] as const).filter((each) => allows(each, job));
  const again = { to: "/jobs/new", search: { from: job.id } } as unknown as NavigateOptions;
  const keep = (what: string) => void copy(what).then(() => toast(text.jobs.copied));
  const offered = (each: Verb) => ({ name: text.jobs[each], act: () => ask(each), refused: refused(each === "delete" ? mayDelete : mayChange), ...KEYS[each] });
  const copies = [
    { name: text.jobs.copyId, act: () => keep(job.id) },
    { name: text.jobs.copyCurl, act: () => keep(asCurl(job)), refused: job.masked ? text.jobs.masked : undefined },
    { name: text.jobs.copyPython, act: () => keep(asPython(job)), refused: job.masked ? text.jobs.masked : undefined },
  ];
  const anew = { name: text.jobs.again, key: "e", act: () => void navigate(again), refused: refused(mayEnqueue) };
  useVerbs([...[...shown, ...more].map(offered), anew, ...copies]);
  return (
    <>
      {shown.map((each, at) => (
        <Button key={each} kind={at === 0 ? "main" : "plain"} refused={refused(mayChange)} onClick={() => ask(each)}>
          {text.jobs[each]}
        </Button>
      ))}
      <Button refused={anew.refused} onClick={anew.act}>
        {anew.name}
      </Button>
      <Menu
        name={`${text.common.more} ▾`}
        items={[...more.map(offered), ...copies]}
      />
      {verb ? (
        <Confirm
          verb={verb}
          meant={{ ids: [job.id] }}
          onClose={() => ask(undefined)}
          done={() => {
            if (verb === "delete") void navigate({ to: "/jobs" });
          }}
        />
      ) : null}
    </>
  );
}
