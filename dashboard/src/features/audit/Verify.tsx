import { useMutation } from "@tanstack/react-query";
import { useState } from "react";

import { Button } from "../../design/Button";
import { Dialog } from "../../design/Dialog";
import { Field } from "../../design/Field";
import { Mark } from "../../design/Mark";
import { Secret } from "../../design/Secret";
import { useText } from "../../i18n/text";
import { verify, type Verdict } from "../../server/audit";
import { Buttons, Form } from "../../shell/Ask";
import { Failed } from "../../shell/Broken";

/** Shows that no line was altered, removed or slipped in, or where one was. */
export function Verify({ onClose }: { onClose: () => void }) {
  const text = useText("audit");
  const words = text.audit;
  const [noted, note] = useState("");
  const look = useMutation({ mutationFn: () => verify(noted.trim()) });
  return (
    <Dialog title={words.verifyTitle} onClose={onClose} closeText={text.common.close}>
      <p>{words.verifyAbout}</p>
      <Form onSubmit={() => look.mutate()}>
        <Field
          label={`${words.noted} (${text.common.optional})`}
          hint={words.notedHint}
          value={noted}
          pattern="\s*[0-9a-f]{0,64}\s*"
          onChange={(event) => note(event.target.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Buttons>
          <Button kind="main" type="submit" disabled={look.isPending}>
            {words.verifyNow}
          </Button>
        </Buttons>
      </Form>
      <div role="status">{look.data ? <Says verdict={look.data} /> : null}</div>
      {look.error ? <Failed error={look.error} doing={words.verifyNow} /> : null}
    </Dialog>
  );
}

function Says({ verdict }: { verdict: Verdict }) {
  const words = useText("audit").audit;
  const { whole, broken_position: broken, noted, begins_behind: behind } = verdict;
  return (
    <>
      <p>
        <Mark state={whole && noted !== false ? "completed" : "failed"} />{" "}
        <strong>{broken === null ? words.whole(verdict.lines) : words.broken(broken)}</strong>
      </p>
      {noted === null ? null : <p>{noted ? words.notedThere : words.notedGone}</p>}
      {behind === null ? null : <p>{words.behind(behind)}</p>}
      {verdict.last ? (
        <>
          <p>{words.last}:</p>
          <Secret name={words.last} value={verdict.last} />
        </>
      ) : null}
    </>
  );
}
