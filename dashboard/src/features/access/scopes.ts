/** What keys may be used for: permissions, gathered by their noun. */

import type { Permission } from "../../server/session";

export const NOUNS = {
  jobs: ["jobs.read", "jobs.enqueue", "jobs.change", "jobs.delete"],
  payloads: ["payloads.read"],
  queues: ["queues.read", "queues.change"],
  tasks: ["tasks.read", "tasks.change"],
  modules: ["modules.read", "modules.change"],
  schedules: ["schedules.read", "schedules.run", "schedules.change"],
  workers: ["workers.read"],
  events: ["events.read", "events.emit", "events.clean"],
  statistics: ["statistics.read"],
  metrics: ["metrics.read"],
  alerts: ["alerts.read", "alerts.acknowledge", "alerts.change"],
  audit: ["audit.read", "audit.verify"],
  users: ["users.read", "users.change"],
  keys: ["keys.read", "keys.change"],
  tenants: ["tenants.read", "tenants.change"],
  settings: ["settings.read"],
} as const satisfies Record<string, readonly Permission[]>;

export const PERMISSIONS: readonly Permission[] = Object.values(NOUNS).flat();

/** Permissions as scopes: where all of a noun are meant, that is what they say. */
export function scopesOf(chosen: ReadonlySet<Permission>): string[] {
  return Object.entries(NOUNS).flatMap(([noun, all]) => {
    const meant = all.filter((each) => chosen.has(each));
    return meant.length > 1 && meant.length === all.length ? [`${noun}.*`] : meant;
  });
}
