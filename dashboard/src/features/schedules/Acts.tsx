import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Menu } from "../../design/Menu";
import { Toolbar } from "../../design/Toolbar";
import { useText, type Text } from "../../i18n/text";
import type { Act, Schedule } from "../../server/schedules";
import { useMay } from "../../server/session";
import { Confirm } from "./Confirm";

const SHOWN: readonly Act[] = ["run", "pause", "resume", "delete"];

/** Says for each act why it cannot be done to these; nothing where it can. */
export function useRefusal(schedules: readonly Schedule[]): (act: Act) => string | undefined {
  const text = useText("schedules");
  const may = { run: useMay("schedules.run"), change: useMay("schedules.change") };
  return (act) => {
    if (!(act === "run" ? may.run : may.change)) return text.common.failed.forbidden("operator");
    return unfit(act, schedules, text);
  };
}

function unfit(act: Act, schedules: readonly Schedule[], text: Text<"schedules">): string | undefined {
  if (schedules.length === 0) return text.schedules.chooseFirst;
  if (act === "resume" && !schedules.some((each) => each.paused)) return text.schedules.nonePaused;
  if (act === "pause" && schedules.every((each) => each.paused)) return text.schedules.allPaused;
  return undefined;
}

/** What can be done to the schedules that are chosen. */
export function Acts({ chosen, done }: { chosen: readonly Schedule[]; done: () => void }) {
  const text = useText("schedules").schedules;
  const refusal = useRefusal(chosen);
  const [act, ask] = useState<Act>();
  return (
    <Toolbar name={text.acts} any={chosen.length > 0} said={text.chosen(chosen.length)}>
      {SHOWN.map((each) => (
        <Button key={each} kind={each === "delete" ? "grave" : "plain"} refused={refusal(each)} onClick={() => ask(each)}>
          {text.verb[each]}
        </Button>
      ))}
      {act ? <Confirm act={act} schedules={chosen} onClose={() => ask(undefined)} done={done} /> : null}
    </Toolbar>
  );
}

/** What can be done to the schedule of a row. */
export function RowActs({ schedule }: { schedule: Schedule }) {
  const text = useText("schedules");
  const refusal = useRefusal([schedule]);
  const mayChange = useMay("schedules.change");
  const navigate = useNavigate();
  const [act, ask] = useState<Act>();
  return (
    <>
      <Menu
        name="⋯"
        label={text.schedules.actsOf(schedule.name)}
        items={[
          ...SHOWN.map((each) => ({ name: text.schedules.verb[each], refused: refusal(each), act: () => ask(each) })),
          {
            name: text.schedules.edit,
            refused: mayChange ? undefined : text.common.failed.forbidden("operator"),
            act: () => void navigate({ to: "/schedules/$name/edit", params: { name: schedule.name } }),
          },
        ]}
      />
      {act ? <Confirm act={act} schedules={[schedule]} onClose={() => ask(undefined)} done={() => undefined} /> : null}
    </>
  );
}
