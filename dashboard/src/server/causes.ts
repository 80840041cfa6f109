/** Why something does not run, as the server tells it. */

import type { components } from "./schema.gen";

export type Cause = components["schemas"]["Cause"];
export type CauseKind = Cause["kind"];
