import { plural, written } from "../plural";

type Condition =
  | "failures"
  | "failure_rate"
  | "queue_depth"
  | "oldest_wait"
  | "dead_letters"
  | "missed_schedule"
  | "silent_worker"
  | "no_worker"
  | "event_flood";

interface Told {
  when: Condition;
  /** As it is written: a number, a share in percent, a length. */
  above: string;
  window: string;
  hold: string;
  queue: string;
  task: string;
}

function place({ queue, task }: Told): string {
  return `${queue ? `the queue ${queue}` : "any queue"}${task ? ` with the task ${task}` : ""}`;
}

export const alerts = {
  title: "Alerts",
  right: "Nothing is wrong",
  unwatched: "No rule watches yet",
  wrong: (open: number) => `${plural("en", open, { one: "incident is", other: "incidents are" })} open`,
  lede: (unacknowledged: number, open: number) => {
    if (unacknowledged === 0) return open === 1 ? "Somebody looks after it." : "Somebody looks after each of them.";
    if (unacknowledged === open) return open === 1 ? "Nobody looks after it yet." : "Nobody looks after them yet.";
    return `Nobody looks after ${written(unacknowledged, "en")} of them yet.`;
  },
  lastOver: "The last one was over",
  tabs: { incidents: "Incidents", rules: "Rules", channels: "Channels" },
  open: "Open",
  over: "Over",
  overAside: "kept for 90 days",
  overNone: "No incident is over yet.",
  noRules: "Nobody is told of anything yet. A rule says what is wrong, from when on, and who is told.",
  newRule: "New rule",
  newChannel: "New channel",
  noChannels: "Nobody is told of anything yet: a channel says who is, by mail or webhook.",
  noRulesYet: "A rule says what is wrong, from when on, and who is told.",
  incident: "Incident",
  rule: "Rule",
  since: "Since",
  began: "Began",
  lasted: "Lasted",
  resolvedBy: "Ended by",
  itself: "itself",
  noted: (who: string, note: string) => (note ? `${who}: ${note}` : who),
  severities: { info: "Info", warning: "Warning", critical: "Critical" },
  lookedAfter: (who: string) => `${who} looks after it`,
  acknowledge: "Acknowledge",
  acknowledged: "You look after it now",
  acknowledgeEffect: "Others see that you look after it. It stays open until it is over.",
  resolve: "Resolve",
  resolved: "It is over",
  resolveEffect: "It is said to be over. Where it is not, its rule finds it anew, and people are told again.",
  say: "Note",
  sayHint: "Others see it beside the incident.",
  showMore: (count: number) => `Show ${written(count, "en")} more`,
  conditions: {
    failures: "attempts have failed",
    failure_rate: "a share of attempts has failed",
    queue_depth: "jobs wait in a queue",
    oldest_wait: "a job has been waiting",
    dead_letters: "jobs have failed for good",
    missed_schedule: "a schedule is late",
    silent_worker: "a worker does not move",
    no_worker: "jobs wait and no worker is there",
    event_flood: "events of one name come in a flood",
  },
  says: (told: Told) => {
    const { when, above, window } = told;
    const where = place(told);
    const what: Record<Condition, string> = {
      failures: `more than ${above} attempts of ${where} have failed within ${window}`,
      failure_rate: `more than ${above} of the attempts of ${where} have failed within ${window}`,
      queue_depth: `more than ${above} jobs wait in ${where}`,
      oldest_wait: `a job of ${where} has been waiting for more than ${above}`,
      dead_letters: `more than ${above} jobs of ${where} have failed for good`,
      missed_schedule: `a schedule is late by more than ${above}`,
      silent_worker: `a worker has not moved for more than ${above}`,
      no_worker: `more than ${above} jobs wait in ${where} and no worker is there`,
      event_flood: `more than ${above} events of one name have happened within ${window}`,
    };
    return `When ${what[when]}${told.hold ? `, for ${told.hold} on end` : ""}`;
  },
  form: {
    make: "Make the rule",
    change: (name: string) => `Change ${name}`,
    name: "Name",
    nameHint: "Letters, digits, _ . and -",
    when: "When",
    above: "More than",
    aboveOf: { number: "A number", share: "Percent of the attempts", length: "Seconds, or words as 5m or 1h30m" },
    aboveWrong: { number: "This is no number", share: "A share is less than 100 percent", length: "This is no length: write 90, 5m or 1h30m" },
    window: "Within",
    windowHint: "1m to 24h",
    hold: "For",
    holdHint: "So long it has to be wrong before anybody is told; 0 for at once",
    queue: "Queue",
    queueHint: "Empty: each by itself",
    task: "Task",
    taskHint: "Empty: all together",
    severity: "How grave it is",
    channels: "Who is told",
    channelsNone: "There is no channel. Without one an incident is seen here alone.",
    tenant: "Tenant",
    tenantHint: "Whose jobs alone are looked at; empty: everybody's",
    off: "off",
    told: "Tells",
    nobody: "nobody",
  },
  made: (name: string) => `${name} is made`,
  saved: (name: string) => `${name} is changed`,
  gone: (name: string) => `${name} is gone`,
  change: "Change",
  switchOff: "Switch off",
  switchOn: "Switch on",
  remove: "Delete",
  acts: (name: string) => `What to do with ${name}`,
  removeRule: (name: string) => `Delete the rule ${name}?`,
  removeRuleEffect: "It looks for nothing any more, and what it has found is over.",
  removeChannel: (name: string) => `Delete the channel ${name}?`,
  removeChannelEffect: (rules: number) =>
    rules
      ? `Nobody is told by it any more, though ${plural("en", rules, { one: "rule names", other: "rules name" })} it.`
      : "Nobody is told by it any more. No rule names it.",
  channel: {
    make: "Make the channel",
    by: "By",
    bys: { mail: "Mail", webhook: "Webhook" },
    to: "Addresses",
    toHint: "Separated by commas or lines",
    url: "Address of the webhook",
    urlHint: "https, and no address inside your own network",
    where: "To",
    made: "Made",
    secretTitle: (name: string) => `${name} signs with this secret`,
    secretAbout: "Your receiver needs it to know that messages are ours. It is shown now and never again.",
    secret: "Secret",
    kept: "I have kept it",
    test: "Test",
    testing: "Sends a message that tells of no incident.",
    testState: {
      scheduled: "It waits for its next attempt.",
      blocked: "It waits.",
      waiting: "It waits for a worker that sends it.",
      running: "It is being sent.",
      retrying: "It could not be sent yet, and is tried again.",
      completed: "It was sent. Look whether it has arrived.",
      failed: "It could not be sent.",
      cancelled: "It was cancelled.",
    },
    testTitle: (name: string) => `Test of ${name}`,
    testOther: "The message is on its way. Its job may be seen by whoever may see all jobs.",
    toJob: "Look at its job",
  },
};
