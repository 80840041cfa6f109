import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { copy } from "../../design/copy";
import { Menu } from "../../design/Menu";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { momentOf } from "../../server/filter";
import { SIZES, type Seen } from "../../server/seen";
import { DENSITIES, density, setDensity } from "../../shell/theme";
import { now } from "../../time/clock";
import styles from "./Bar.module.css";
import { CHOICES, shownOf, type ColumnName } from "./columns";
import { exported, type Format } from "./export";
import { forgetView, keepView, views } from "./views";

const PRESETS = ["-15m", "-1h", "-6h", "-24h", "-7d", "-30d", "-90d"] as const;

/** What can be done with the list itself: its stretch of time, its look, its views, a file of it. */
export function Bar({ seen }: { seen: Seen }) {
  const text = useText("jobs");
  const navigate = useNavigate({ from: "/jobs" });
  const go = (next: Seen) => void navigate({ search: next });
  const { after: _, ...stay } = seen;
  const range = seen.from === undefined ? text.jobs.range.any : text.jobs.range.lengths[seen.from] ? text.jobs.range.last(text.jobs.range.lengths[seen.from] ?? "") : text.jobs.range.since(seen.from);
  return (
    <div className={styles.bar}>
      <Menu
        name={`${text.jobs.range.title} ${range} ▾`}
        items={[
          { name: text.jobs.range.any, chosen: seen.from === undefined, act: () => go({ ...stay, from: undefined, to: undefined }) },
          ...PRESETS.map((each) => ({
            name: text.jobs.range.last(text.jobs.range.lengths[each] ?? each),
            chosen: seen.from === each,
            act: () => go({ ...stay, from: each, to: undefined }),
          })),
        ]}
      />
      <Looks seen={stay} go={go} />
      <Views seen={stay} go={go} />
      <Exports seen={stay} />
      <CopyLink seen={seen} />
    </div>
  );
}

function Looks({ seen, go }: { seen: Seen; go: (next: Seen) => void }) {
  const text = useText("jobs");
  const [dense, set] = useState(density);
  const shown = shownOf(seen.cols);
  const toggle = (name: ColumnName) => (shown.includes(name) ? shown.filter((each) => each !== name) : CHOICES.filter((each) => each === name || shown.includes(each)));
  return (
    <Menu
      name={`${text.jobs.shown.title} ▾`}
      items={[
        ...CHOICES.map((each) => ({
          name: each in text.jobs.shown ? String(text.jobs.shown[each as keyof typeof text.jobs.shown]) : text.jobs[each as "note"],
          chosen: shown.includes(each),
          act: () => go({ ...seen, cols: toggle(each) }),
        })),
        ...SIZES.map((each) => ({
          name: text.jobs.shown.size(each),
          chosen: each === (seen.size ?? SIZES[0]),
          act: () => go({ ...seen, size: each === SIZES[0] ? undefined : each }),
        })),
        ...DENSITIES.map((each) => ({
          name: text.jobs.shown.density[each],
          chosen: dense === each,
          act: () => {
            setDensity(each);
            set(each);
          },
        })),
      ]}
    />
  );
}

function Views({ seen, go }: { seen: Seen; go: (next: Seen) => void }) {
  const text = useText("jobs");
  const [kept, set] = useState(views);
  const [asks, ask] = useState(false);
  const [name, write] = useState("");
  const here = JSON.stringify(seen);
  const held = kept.find((each) => JSON.stringify(each.seen) === here);
  return (
    <>
      <Menu
        name={`${held?.name ?? text.jobs.views.title} ▾`}
        items={[
          ...(kept.length ? [] : [{ name: text.jobs.views.none, act: () => undefined, refused: text.jobs.views.hint }]),
          ...kept.map((each) => ({ name: each.name, chosen: each === held, act: () => go(each.seen) })),
          { name: text.jobs.views.save, act: () => ask(true) },
          ...(held ? [{ name: text.jobs.views.forget(held.name), act: () => set(forgetView(held.name)) }] : []),
        ]}
      />
      {asks ? (
        <Dialog title={text.jobs.views.save} onClose={() => ask(false)} closeText={text.common.close}>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (name.trim()) set(keepView(name.trim(), seen));
              ask(false);
              write("");
            }}
          >
            <Field label={text.jobs.views.name} hint={text.jobs.views.hint} value={name} maxLength={60} required onChange={(event) => write(event.target.value)} />
            <p className={styles.buttons}>
              <Button kind="main" type="submit">
                {text.common.save}
              </Button>
              <Button onClick={() => ask(false)}>{text.common.cancel}</Button>
            </p>
          </form>
        </Dialog>
      ) : null}
    </>
  );
}

function Exports({ seen }: { seen: Seen }) {
  const text = useText("jobs").jobs.export;
  const toast = useToast();
  const [count, tell] = useState<number>();
  const start = (format: Format) => {
    tell(0);
    void exported(seen, format, tell)
      .then((done) => toast(text.done(done.count, done.cut)))
      .catch((error: unknown) => toast(text.failed(error instanceof Error ? error.message : String(error))))
      .finally(() => tell(undefined));
  };
  if (count !== undefined) return <span role="status">{text.going(count)}</span>;
  return (
    <Menu
      name={`${text.title} ▾`}
      items={[
        { name: text.csv, act: () => start("csv") },
        { name: text.ndjson, act: () => start("ndjson") },
      ]}
    />
  );
}

function CopyLink({ seen }: { seen: Seen }) {
  const text = useText("jobs").jobs;
  const toast = useToast();
  const press = () => {
    const url = new URL(location.href);
    // What is said from now is said as a moment, so that it shows the same tomorrow.
    for (const name of ["from", "to"] as const) {
      const moment = momentOf(seen[name], now());
      if (moment) url.searchParams.set(name, JSON.stringify(moment));
    }
    void copy(url.href).then(() => toast(text.linkCopied));
  };
  return (
    <Button kind="bare" onClick={press}>
      {text.copyLink}
    </Button>
  );
}
