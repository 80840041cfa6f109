import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";

import { pausesQuery } from "../../server/schedules";
import { useMay } from "../../server/session";
import { pausers } from "./words";

/** Who has paused what, for those who may know. */
export function usePauses() {
  const { data } = useQuery({ ...pausesQuery, enabled: useMay("audit.read") });
  return useMemo(() => pausers(data?.lines ?? []), [data]);
}
