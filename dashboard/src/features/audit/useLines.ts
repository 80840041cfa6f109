/** The lines of the audit log as they are shown: pages downwards, and above them what has come since. */

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { auditQuery, newestQuery, PAGE, type Line } from "../../server/audit";
import type { Search } from "../../server/seen";
import { useGathered } from "../../shell/gather";

const NONE: readonly Line[] = [];

function keyOf(line: Line): string {
  return String(line.position);
}

/** While `held`, new lines are counted but not shown; older ones that are asked for are. */
export function useLines(search: Search, mayRead: boolean, held: boolean) {
  const found = useInfiniteQuery({ ...auditQuery(search), enabled: mayRead });
  const { data, dataUpdatedAt, isPlaceholderData, isFetching, refetch } = found;
  const first = data?.pages[0]?.lines;
  const isHere = first !== undefined && !isPlaceholderData;
  const newest = useQuery({
    ...newestQuery(search),
    enabled: mayRead && isHere,
    ...(isHere ? { initialData: [...first], initialDataUpdatedAt: dataUpdatedAt } : {}),
  }).data;
  const above = useMemo(() => (newest ?? NONE).filter((line) => line.position > (first?.[0]?.position ?? 0)), [newest, first]);
  // So many have come that some may lie between: then all is asked for anew.
  const isApart = isHere && above.length >= PAGE;
  useEffect(() => {
    if (isApart && !isFetching) void refetch();
  }, [isApart, isFetching, refetch]);
  const head = useMemo(() => (isHere && !isApart ? [...above, ...first] : (first ?? NONE)), [isHere, isApart, above, first]);
  const { rows, fresh, more, show } = useGathered(head, keyOf, held, isPlaceholderData ? undefined : JSON.stringify(search));
  const last = rows.at(-1)?.position ?? 0;
  const older = data?.pages.slice(1).flatMap((page) => page.lines.filter((line) => line.position < last)) ?? [];
  return { found, lines: [...rows, ...older], fresh, more, show };
}
