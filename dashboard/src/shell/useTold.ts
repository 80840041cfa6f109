import { useToast } from "../design/Toast";
import { useText } from "../i18n/text";
import { undo, type Way } from "../server/operations";

/** A way back from what was done. */
export interface Back {
  /** How long it is offered. */
  until: number;
  /** Goes it; answers what came of that, in a sentence. */
  go: () => Promise<string>;
}

/** Says what was done, with the way back if there is one, and then what came of going it. */
export function useTold() {
  const text = useText().common;
  const toast = useToast();
  return (said: string, back?: Back) => {
    const go = () =>
      void back?.go().then(
        (came) => toast(came),
        (error: unknown) => toast(error instanceof Error ? error.message : String(error)),
      );
    toast(said, back && { name: text.undo, do: go, until: back.until });
  };
}

/** The same of what was done to jobs, in one operation or several. */
export function useToldOfJobs() {
  const text = useText().common;
  const told = useTold();
  return (said: string, ways: readonly Way[]) =>
    told(
      said,
      ways.length
        ? {
            until: Math.min(...ways.map((way) => way.until)),
            go: async () => text.putBack(await undo(ways.map((way) => way.operation))),
          }
        : undefined,
    );
}
