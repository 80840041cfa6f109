import { Dialog } from "../../design/Dialog";
import { Facts } from "../../design/Facts";
import { Json } from "../../design/Json";
import { Time } from "../../design/Time";
import { visible } from "../../design/visible";
import { useText } from "../../i18n/text";
import type { Line } from "../../server/audit";

/** All that one line holds. */
export function Details({ line, onClose }: { line: Line; onClose: () => void }) {
  const text = useText("audit");
  const words = text.audit;
  const names = words.facts;
  return (
    <Dialog wide title={words.details(line.position)} onClose={onClose} closeText={text.common.close}>
      <Facts
        facts={[
          [words.when, <Time key="at" at={line.at} />],
          [words.who, line.actor],
          [words.what, line.action],
          [words.target, line.target],
          [words.result, line.result === "done" ? words.results.done : words.results.refused],
          [names.error, line.error],
          [words.reason, visible(line.reason)],
          [names.tenant, line.tenant],
          [names.request, line.request],
          [names.address, line.address],
          [names.before, line.before],
          [names.after, line.after],
          [names.digest, line.digest],
        ]}
      />
      {line.before || line.after ? <small>{words.digests}</small> : null}
      {Object.keys(line.given).length ? (
        <>
          <h3>{words.given}</h3>
          <Json value={line.given} name={words.given} />
        </>
      ) : null}
    </Dialog>
  );
}
