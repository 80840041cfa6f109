/** The names of schedules, for those who look for one of them. */

import { queryOptions } from "@tanstack/react-query";

import { get } from "./http";

const MINUTE = 60_000;

export const scheduleNames = queryOptions({
  queryKey: ["names", "schedules"],
  queryFn: async ({ signal }) => (await get("/api/v1/schedules", { signal })).schedules.map((each) => each.name),
  staleTime: MINUTE,
});
