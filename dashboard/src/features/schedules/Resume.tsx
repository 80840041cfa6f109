import { useState } from "react";

import { Field } from "../../design/Field";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { wrongAt } from "../../server/calls";
import { resume, type Schedule } from "../../server/schedules";
import { Ask } from "../../shell/Ask";
import { ZonePicker } from "./edit/ZonePicker";

/** Lets a schedule go on, perhaps with another pattern and zone. */
export function Resume({ schedule, onClose }: { schedule: Schedule; onClose: () => void }) {
  const text = useText("schedules");
  const words = text.schedules;
  const toast = useToast();
  const [pattern, setPattern] = useState(schedule.pattern);
  const [tz, setTz] = useState(schedule.tz);
  return (
    <Ask
      title={words.really.resume(schedule.name)}
      effect={<p>{words.effect.resume}</p>}
      verb={words.verb.resume}
      parts={["pattern", "tz"]}
      act={(reason) =>
        resume(
          schedule.name,
          {
            ...(pattern.trim() && pattern !== schedule.pattern ? { pattern: pattern.trim() } : {}),
            ...(tz === schedule.tz ? {} : { tz }),
          },
          reason,
        )
      }
      done={() => toast(words.done.resume(1))}
      onClose={onClose}
    >
      {(error) =>
        schedule.pattern ? (
          <>
            <Field
              label={words.pattern}
              value={pattern}
              spellCheck={false}
              autoComplete="off"
              wrong={wrongAt(error, "pattern")}
              onChange={(event) => setPattern(event.target.value)}
            />
            <ZonePicker zone={tz} onChoose={setTz} wrong={wrongAt(error, "tz")} />
          </>
        ) : null
      }
    </Ask>
  );
}
