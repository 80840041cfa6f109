import { useMutation } from "@tanstack/react-query";

import { Button } from "../../design/Button";
import { useToast } from "../../design/Toast";
import { useText } from "../../i18n/text";
import { undo, type Operation } from "../../server/operations";
import { useMay } from "../../server/session";
import { useNow } from "../../time/clock";
import { inWords } from "../../time/length";

/** The way back, with how long it stays open. */
export function Undo({ operation, kind = "plain" }: { operation: Operation; kind?: "plain" | "main" }) {
  const text = useText("operations");
  const toast = useToast();
  const may = useMay("jobs.change");
  const now = useNow();
  const left = operation.undo_until ? Date.parse(operation.undo_until) - now : 0;
  const why = operation.undo_refused ?? (left <= 0 ? "late" : undefined);
  const back = useMutation({
    mutationFn: () => undo([operation.id]),
    onSuccess: (came) => toast(text.common.putBack(came)),
    onError: (error) => toast(error.message),
  });
  const refused = !may ? text.common.failed.forbidden("operator") : why ? text.operations.refused[why] : undefined;
  return (
    <Button kind={kind} refused={refused} disabled={back.isPending} onClick={() => back.mutate()}>
      {text.operations.undo}
      {refused ? "" : ` · ${inWords(left, text.common.units)}`}
    </Button>
  );
}
