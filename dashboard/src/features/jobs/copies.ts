/** A job as a command and as a line of Python, to be run elsewhere. */

import { plain } from "../../design/plain";
import { address } from "../../server/http";
import type { Job } from "../../server/jobs";

/** Enqueues the same again, from a shell; the key stays to be filled in. */
export function asCurl(job: Job): string {
  const body = `{"task": ${JSON.stringify(job.task)}, "queue": ${JSON.stringify(job.queue)}, "arguments": ${flat(job)}}`;
  return [
    `curl -X POST ${address("/api/v1/jobs").href}`,
    `  -H "Authorization: Bearer $TIDEMILL_KEY"`,
    `  -H 'Content-Type: application/json'`,
    `  -d '${body.replaceAll("'", "'\\''")}'`,
  ].join(" \\\n");
}

/** Enqueues the same again, from a program that has the application. */
export function asPython(job: Job): string {
  const named = typeof job.arguments === "string" ? {} : job.arguments;
  const given = Object.entries(named).map(([name, value]) => `    ${JSON.stringify(name)}: ${python(value)},\n`);
  return `app.enqueue(app.client.bound(${JSON.stringify(job.task)}, {\n${given.join("")}}, {"queue": ${JSON.stringify(job.queue)}}))\n`;
}

function flat(job: Job): string {
  return typeof job.arguments === "string" ? "{}" : plain(job.arguments, "").replaceAll("\n", "");
}

/** A JSON value as Python writes it. */
export function python(value: unknown): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map((each) => python(each)).join(", ")}]`;
  if (typeof value === "object" && !("written" in value)) {
    return `{${Object.entries(value).map(([name, each]) => `${JSON.stringify(name)}: ${python(each)}`).join(", ")}}`;
  }
  return plain(value);
}
