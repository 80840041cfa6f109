import { Dialog } from "../design/Dialog";
import { useText } from "../i18n/text";
import styles from "./Help.module.css";
import { useKeys } from "./keys";
import { PLACES } from "./places";

const COMMAND = /Mac|iP(hone|ad)/.test(navigator.userAgent) ? "⌘" : "Ctrl";

/** Keys that are told of in any case. */
const TOLD = ["/", "r", "c", "#"];

/** All keys that do something. */
export function Help({ onClose }: { onClose: () => void }) {
  const text = useText("shell");
  const words = text.shell.help;
  const { on, verbs } = useKeys();
  const here = verbs().flatMap((verb) => (verb.key && !TOLD.includes(verb.key) ? [[verb.key, verb.name] as const] : []));
  return (
    <Dialog wide title={words.title} onClose={onClose} closeText={text.common.close}>
      <p>{on ? words.on : words.off}</p>
      <div className={styles.groups}>
        <Group
          name={words.everywhere}
          keys={[
            [`${COMMAND} K`, words.palette],
            ["/", words.search],
            ["?", words.help],
            ["t", words.theme],
            ["p", words.pause],
          ]}
        />
        <Group name={words.go} keys={PLACES.flatMap((place) => (place.key ? [[`g ${place.key}`, text.common.nav[place.name]] as const] : []))} />
        <Group
          name={words.lists}
          keys={[
            ["j", words.down],
            ["k", words.up],
            ["x", words.choose],
            ["Enter", words.openRow],
            ["r", words.retry],
            ["c", words.cancel],
            ["#", words.delete],
          ]}
        />
        {here.length ? <Group name={words.here} keys={here} /> : null}
      </div>
    </Dialog>
  );
}

function Group({ name, keys }: { name: string; keys: readonly (readonly [key: string, does: string])[] }) {
  return (
    <section>
      <h3>{name}</h3>
      <dl className={styles.keys}>
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split(" ").map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
