import { useId, useState } from "react";

import { Choice, Field } from "../../design/Field";
import { Time } from "../../design/Time";
import { useText } from "../../i18n/text";
import { ownZone, skewed, useNow, useZone } from "../../time/clock";
import styles from "./Settings.module.css";

const MUCH = 5_000;

function kindOf(zone: string): "mine" | "utc" | "other" {
  if (zone === "UTC") return "utc";
  return zone === ownZone() ? "mine" : "other";
}

/** In which zone times are shown: one's own, UTC, or any other. */
export function Zone() {
  const words = useText("settings").settings;
  const { zone, choose } = useZone();
  const [kind, setKind] = useState(kindOf(zone));
  const [other, write] = useState(kind === "other" ? zone : "");
  const names = useId();
  const off = Math.round(Math.abs(skewed()) / 1_000);
  return (
    <>
      <div className={styles.fields}>
        <Choice
          label={words.zone}
          value={kind}
          options={[
            ["mine", words.zones.mine(ownZone().replaceAll("_", " "))],
            ["utc", words.zones.utc],
            ["other", words.zones.other],
          ]}
          onChange={(event) => {
            const next = event.target.value as typeof kind;
            setKind(next);
            if (next !== "other") choose(next === "utc" ? "UTC" : ownZone());
          }}
        />
        {kind === "other" ? (
          <>
            <Field
              label={words.other}
              hint={words.otherHint}
              value={other}
              list={names}
              autoComplete="off"
              spellCheck={false}
              wrong={other && !isZone(other) ? words.otherWrong : undefined}
              onChange={(event) => {
                write(event.target.value);
                if (isZone(event.target.value)) choose(event.target.value);
              }}
            />
            <datalist id={names}>
              {Intl.supportedValuesOf("timeZone").map((each) => (
                <option key={each} value={each} />
              ))}
            </datalist>
          </>
        ) : null}
      </div>
      <p className={styles.hint}>
        {words.now} <Time at={useNow()} only="clock" />. {off * 1_000 > MUCH ? words.skew(off) : null}
      </p>
    </>
  );
}

export function isZone(name: string): boolean {
  if (!name.includes("/") && name !== "UTC") return false;
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}
