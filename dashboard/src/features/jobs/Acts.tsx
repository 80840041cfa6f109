import { useState } from "react";

import { Button } from "../../design/Button";
import { Menu } from "../../design/Menu";
import { Toolbar } from "../../design/Toolbar";
import { useText } from "../../i18n/text";
import type { Filter } from "../../server/seen";
import { allows, type Job, type Verb } from "../../server/jobs";
import { useMay } from "../../server/session";
import { useVerbs } from "../../shell/keys";
import { Confirm } from "./Confirm";
import { KEYS } from "./keys";

interface Props {
  chosen: readonly Job[];
  /** The filter, where everything that it matches is chosen. */
  everything: Filter | undefined;
  /** How many that is. */
  count: { count: number; more: boolean } | undefined;
  onAll: (() => void) | undefined;
  done: () => void;
}

const SHOWN: readonly Verb[] = ["retry", "cancel", "delete"];
const MORE: readonly Verb[] = ["runNow", "postpone", "reprioritise", "move"];

/** What can be done to the jobs that are chosen. */
export function Acts({ chosen, everything, count, onAll, done }: Props) {
  const text = useText("jobs");
  const mayChange = useMay("jobs.change");
  const mayDelete = useMay("jobs.delete");
  const [verb, ask] = useState<Verb>();
  const any = everything !== undefined || chosen.length > 0;
  useVerbs(SHOWN.map((each) => ({ name: text.jobs[each], act: () => ask(each), refused: refusal(each), ...KEYS[each] })));
  return (
    <Toolbar name={text.jobs.acts} any={any} said={everything ? text.jobs.allChosen : text.jobs.chosen(chosen.length)}>
      {onAll ? (
        <Button kind="bare" onClick={onAll}>
          {everything ? text.jobs.notAll : `${text.jobs.chooseMatching}${count ? ` (${text.jobs.title(count.count, count.more)})` : ""}`}
        </Button>
      ) : null}
      {SHOWN.map((each) => (
        <Button key={each} kind={each === "delete" ? "grave" : "plain"} refused={refusal(each)} onClick={() => ask(each)}>
          {text.jobs[each]}
        </Button>
      ))}
      <Menu
        name={`${text.common.more} ▾`}
        items={MORE.map((each) => ({ name: text.jobs[each], act: () => ask(each), refused: refusal(each) }))}
      />
      {verb ? (
        <Confirm
          verb={verb}
          meant={everything ? { filter: everything } : { ids: chosen.map((job) => job.id) }}
          onClose={() => ask(undefined)}
          done={done}
        />
      ) : null}
    </Toolbar>
  );

  function refusal(each: Verb): string | undefined {
    if (!(each === "delete" ? mayDelete : mayChange)) return text.common.failed.forbidden("operator");
    if (!any) return text.jobs.chooseFirst;
    if (!everything && !chosen.some((job) => allows(each, job))) return text.jobs.allowsNone;
    return undefined;
  }
}
