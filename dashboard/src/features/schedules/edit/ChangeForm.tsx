import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";

import { Field } from "../../../design/Field";
import { Head, Section } from "../../../design/Page";
import { useToast } from "../../../design/Toast";
import { useText } from "../../../i18n/text";
import { saidOf, wrongAt } from "../../../server/calls";
import { forget, keep } from "../../../server/draft";
import { get, Problem } from "../../../server/http";
import { changeSchedule, type Schedule } from "../../../server/schedules";
import { useMay } from "../../../server/session";
import { Failed } from "../../../shell/Broken";
import { Frame } from "../../../shell/call/Frame";
import { zones } from "../../../time/zones";
import { Conflict } from "./Conflict";
import { of, rulesOf, rulesSaid, wrongIn, type Draft } from "./draft";
import styles from "./Form.module.css";
import { RulesPart } from "./RulesPart";
import { When } from "./When";

const PARTS = ["pattern", "every", "tz", "overlap", "catchup", "jitter", "holidays"];

/** A schedule that is to be changed; `seen` is what it was when that began. */
export function ChangeForm({ seen: first, initial }: { seen: Schedule; initial: Draft }) {
  const text = useText("schedules");
  const words = text.schedules.form;
  const navigate = useNavigate();
  const toast = useToast();
  const refused = useMay("schedules.change") ? undefined : text.common.failed.forbidden("operator");
  const [seen, see] = useState(first);
  const [draft, setDraft] = useState(initial);
  const [reason, setReason] = useState("");
  const [strict, setStrict] = useState(false);
  const [theirs, setTheirs] = useState<Schedule>();
  const place = `schedule.${first.name}`;
  const change = (part: Partial<Draft>) => setDraft((old) => ({ ...old, ...part }));
  useEffect(() => {
    if (draft !== initial) keep(place, { seen, draft });
  }, [draft, initial, place, seen]);
  const save = useMutation({
    mutationFn: (base: Schedule) => saved(base, draft, reason),
    onSuccess: (result) => {
      if ("theirs" in result) {
        setTheirs(result.theirs);
        return;
      }
      forget(place);
      toast(words.saved(first.name));
      void navigate({ to: "/schedules/$name", params: { name: first.name } });
    },
  });
  const wrong = wrongIn(draft, zones(), false);
  const sound = Object.keys(wrong).length === 0;
  const said = (part: string) => wrongAt(save.error, part);
  return (
    <>
      <Head
        title={words.change(first.name)}
        before={
          <p className={styles.quiet}>
            <Link to="/schedules">{text.schedules.title}</Link> /{" "}
            <Link to="/schedules/$name" params={{ name: first.name }}>
              {first.name}
            </Link>
          </p>
        }
        lede={
          <p>
            {words.fixed}{" "}
            <Link to="/schedules/new" search={{ from: first.name }}>
              {text.schedules.copy}
            </Link>
          </p>
        }
      />
      <Frame
        name={words.save}
        refused={refused}
        busy={save.isPending}
        unsound={strict && !sound}
        onSubmit={() => {
          setStrict(true);
          if (sound) save.mutate(seen);
          return sound;
        }}
      >
        {theirs ? (
          <Conflict
            theirs={theirs}
            mine={draft}
            onTakeTheirs={() => {
              setDraft(of(theirs, [], false));
              see(theirs);
              setTheirs(undefined);
            }}
            onTakeMine={() => {
              see(theirs);
              setTheirs(undefined);
              save.mutate(theirs);
            }}
          />
        ) : null}
        <When draft={draft} change={change} wrong={wrong} said={said} mayBeByHand={!first.pattern && !first.every} strict={strict} />
        <RulesPart draft={draft} change={change} wrong={wrong} said={said} />
        <Section title={words.reason}>
          <Field
            label={`${text.common.reason} (${text.common.optional})`}
            hint={text.common.reasonWhy}
            value={reason}
            maxLength={1000}
            onChange={(event) => setReason(event.target.value)}
          />
        </Section>
        {save.error && !saidOf(save.error, PARTS) ? <Failed error={save.error} doing={text.common.save} /> : null}
      </Frame>
    </>
  );
}

/** Saves it over what was seen; where only ticks have come since, that is no conflict. */
async function saved(seen: Schedule, draft: Draft, reason: string): Promise<{ saved: Schedule } | { theirs: Schedule }> {
  let base = seen;
  for (;;) {
    try {
      return { saved: await changeSchedule(seen.name, rulesOf(draft), base.version, reason) };
    } catch (error) {
      if (!(error instanceof Problem) || error.status !== 412) throw error;
      const there = await get("/api/v1/schedules/{name}", { path: { name: seen.name } });
      if (rulesSaid(there) !== rulesSaid(seen)) return { theirs: there };
      base = there;
    }
  }
}
