/** Alerts: what was found wrong, when people are told, and how. */

import { queryOptions, useQuery } from "@tanstack/react-query";

import { useHearing } from "./hearing";
import { get, patch, post, remove } from "./http";
import { client } from "./queries";
import type { components } from "./schema.gen";

type Schemas = components["schemas"];
export type Incident = Schemas["Incident"];
export type Rule = Schemas["AlertRule"];
export type NewRule = Schemas["AlertRuleIn"];
export type Channel = Schemas["Channel"];
export type NewChannel = Schemas["ChannelIn"];
export type Condition = Rule["when"];
export type Severity = Rule["severity"];

/** What rules look at, in the order in which they are offered. */
export const CONDITIONS = [
  "failures",
  "failure_rate",
  "queue_depth",
  "oldest_wait",
  "dead_letters",
  "missed_schedule",
  "no_worker",
  "silent_worker",
  "event_flood",
] as const satisfies readonly Condition[];

export const SEVERITIES = ["info", "warning", "critical"] as const satisfies readonly Severity[];

const OFTEN = 10_000;

/** All incidents; the same answer is the list's and the badge's. */
export const incidentsQuery = queryOptions({
  queryKey: ["alerts", "incidents"],
  queryFn: ({ signal }) => get("/api/v1/alerts/incidents", { signal }),
});

export const rulesQuery = queryOptions({
  queryKey: ["alerts", "rules"],
  queryFn: async ({ signal }) => (await get("/api/v1/alerts/rules", { signal })).rules,
});

export const channelsQuery = queryOptions({
  queryKey: ["alerts", "channels"],
  queryFn: async ({ signal }) => (await get("/api/v1/alerts/channels", { signal })).channels,
});

/** Incidents, which have no events: they are asked for as often as the server looks for them itself. */
export function useIncidents() {
  const { hearing } = useHearing();
  return useQuery({ ...incidentsQuery, refetchInterval: hearing === "paused" ? false : OFTEN });
}

async function anew<T>(asked: Promise<T>): Promise<T> {
  const answer = await asked;
  await client.invalidateQueries({ queryKey: ["alerts"] });
  return answer;
}

export function acknowledge(id: string, note: string) {
  return anew(post("/api/v1/alerts/incidents/{id}/acknowledge", { path: { id }, body: { note }, reason: note }));
}

export function resolve(id: string, note: string) {
  return anew(post("/api/v1/alerts/incidents/{id}/resolve", { path: { id }, body: { note }, reason: note }));
}

export function createRule(rule: NewRule) {
  return anew(post("/api/v1/alerts/rules", { body: rule }));
}

export function changeRule(rule: Rule, changes: Schemas["AlertRuleChangeIn"], reason = "") {
  const { name, version } = rule;
  return anew(patch("/api/v1/alerts/rules/{name}", { path: { name }, body: changes, reason, seen: `"${version}"` }));
}

export function deleteRule({ name, version }: Rule, reason: string) {
  return anew(remove("/api/v1/alerts/rules/{name}", { path: { name }, reason, seen: `"${version}"` }));
}

export function createChannel(channel: NewChannel) {
  return anew(post("/api/v1/alerts/channels", { body: channel }));
}

export function deleteChannel({ name, version }: Channel, reason: string) {
  return anew(remove("/api/v1/alerts/channels/{name}", { path: { name }, reason, seen: `"${version}"` }));
}

/** Has a message told of no incident; answers its job. */
export async function testChannel(name: string): Promise<string> {
  return (await post("/api/v1/alerts/channels/{name}/test", { path: { name } })).job;
}
