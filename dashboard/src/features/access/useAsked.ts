/** What one is asked about: as it was seen then, whatever others make of it meanwhile. */

import { useState } from "react";

/**
 * A form that was filled in for one version is sent for that one, so that the server refuses it where
 * somebody has changed more; and a question does not turn into its contrary under one's hand.
 */
export function useAsked<Subject, Verb>(latest: Subject) {
  const [asked, set] = useState<{ verb: Verb; subject: Subject }>();
  return {
    subject: asked?.subject ?? latest,
    verb: asked?.verb,
    ask: (verb: Verb) => set({ verb, subject: latest }),
    close: () => set(undefined),
  };
}
