import { plural, written } from "../plural";

export const statistics = {
  title: "Statistics",
  headline: (ended: number, failed: number, p95: string) =>
    `${plural("en", ended, { one: "attempt", other: "attempts" })} ended, ${failed ? `${written(failed, "en")} of them failed` : "none of them failed"}${p95 ? `; 95\u00a0% ran less than ${p95}` : ""}`,
  against: (now: number, then: number) => {
    if (then === 0) return "A week before, nothing ended in these hours.";
    const change = Math.round(((then - now) / now) * 100);
    return `A week before it was ${written(then, "en")}: ${change === 0 ? "as many" : `${written(Math.abs(change), "en")} % ${change > 0 ? "more" : "fewer"}`}.`;
  },
  onAverage: (now: string, then: string) => `They ran ${now} on average${then ? `, a week before ${then}` : ""}.`,
  slower: (times: number) => `p95 ${written(Math.round(times * 10) / 10, "en")} times that of the week before`,
  none: "Nothing ended in this stretch of time.",
  all: "Look at all queues and tasks",
  range: "Range",
  ranges: { "-1h": "the last hour", "-6h": "the last 6 hours", "-24h": "the last 24 hours", "-7d": "the last 7 days", "-30d": "the last 30 days", "-90d": "the last 90 days" },
  step: "By",
  fitting: "what fits the range",
  steps: { minute: "minute", hour: "hour", day: "day" },
  queue: "Queue",
  task: "Task",
  anyQueue: "Every queue",
  anyTask: "Every task",
  compare: "Beside the week before",
  before: "the week before",
  asTable: "As a table",
  at: "From",
  throughput: (step: string) => `Ended by the ${step}`,
  ended: "Ended",
  failed: "Failed",
  run: "Run time",
  wait: "Waiting time",
  success: "Success",
  mean: "Mean run time",
  order: "In order of",
  orders: { ended: "how many ended", failed: "how many failed", p50: "run time p50", p95: "run time p95", mean: "mean run time" },
  byTask: "By task",
  byQueue: "By queue",
  says: (title: string, number: number, step: string) => `${title}, over ${plural("en", number, { one: step, other: `${step}s` })}; arrows tell the values`,
};
