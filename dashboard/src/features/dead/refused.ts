import { useText } from "../../i18n/text";
import type { DeadVerb } from "../../server/dead";
import { useMay } from "../../server/session";

/** Why somebody may not do it, if they may not. */
export function useRefused(): Record<DeadVerb, string | undefined> {
  const text = useText().common;
  const refusal = text.failed.forbidden("operator");
  return {
    redrive: useMay("jobs.change") ? undefined : refusal,
    discard: useMay("jobs.delete") ? undefined : refusal,
  };
}
