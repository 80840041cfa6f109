import type { Text } from "../text";
import { plural, written } from "../plural";

type Told = Parameters<Text["alerts"]["says"]>[0];

function place({ queue, task }: Told): string {
  return `${queue ? `der Warteschlange ${queue}` : "einer Warteschlange"}${task ? ` mit der Aufgabe ${task}` : ""}`;
}

export const alerts: Text["alerts"] = {
  title: "Warnungen",
  right: "Alles ist in Ordnung",
  unwatched: "Auf nichts wird geachtet",
  wrong: (open: number) => `${plural("de", open, { one: "Vorfall ist", other: "Vorfälle sind" })} offen`,
  lede: (unacknowledged: number) =>
    unacknowledged === 0
      ? "Um jeden kümmert sich jemand."
      : unacknowledged === 1
        ? "Um einen davon kümmert sich noch niemand."
        : `Um ${written(unacknowledged, "de")} davon kümmert sich noch niemand.`,
  lastOver: "Der letzte war vorbei:",
  tabs: { incidents: "Vorfälle", rules: "Regeln", channels: "Kanäle" },
  open: "Offen",
  over: "Vorbei",
  overAside: "90 Tage aufbewahrt",
  overNone: "Noch kein Vorfall ist vorbei.",
  noRules: "Keine Regel sagt, was falsch ist; so wird niemandem etwas gemeldet.",
  newRule: "Neue Regel",
  newChannel: "Neuer Kanal",
  noChannels: "Noch wird niemandem etwas gemeldet: Ein Kanal sagt, wem, per Mail oder Webhook.",
  noRulesYet: "Eine Regel sagt, was falsch ist, ab wann, und wem es gemeldet wird.",
  incident: "Vorfall",
  rule: "Regel",
  subject: "Worum es geht",
  since: "Seit",
  began: "Begann",
  lasted: "Dauerte",
  resolvedBy: "Beendet von",
  itself: "selbst",
  note: "Notiz",
  noted: (who: string, note: string) => (note ? `${who}: ${note}` : who),
  severity: "Schwere",
  severities: { info: "Hinweis", warning: "Warnung", critical: "Kritisch" },
  lookedAfter: (who: string) => `${who} kümmert sich`,
  acknowledge: "Übernehmen",
  acknowledged: "Sie kümmern sich jetzt darum",
  acknowledgeEffect: "Andere sehen, dass Sie sich kümmern. Der Vorfall bleibt offen, bis er vorbei ist.",
  resolve: "Beenden",
  resolved: "Der Vorfall ist vorbei",
  resolveEffect: "Der Vorfall gilt als vorbei. Ist er es nicht, findet ihn seine Regel neu, und er wird wieder gemeldet.",
  say: "Notiz",
  sayHint: "Andere sehen sie beim Vorfall.",
  showMore: (count: number) => `${written(count, "de")} weitere zeigen`,
  conditions: {
    failures: "Versuche sind gescheitert",
    failure_rate: "ein Anteil der Versuche ist gescheitert",
    queue_depth: "Aufträge warten in einer Warteschlange",
    oldest_wait: "ein Auftrag wartet schon",
    dead_letters: "Aufträge sind endgültig gescheitert",
    missed_schedule: "ein Zeitplan ist verspätet",
    silent_worker: "ein Worker regt sich nicht",
    no_worker: "Aufträge warten, und kein Worker ist da",
  },
  says: (told: Told) => {
    const { when, above, window } = told;
    const where = place(told);
    const what: Record<Told["when"], string> = {
      failures: `mehr als ${above} Versuche ${where} in ${window} gescheitert sind`,
      failure_rate: `mehr als ${above} der Versuche ${where} in ${window} gescheitert sind`,
      queue_depth: `mehr als ${above} Aufträge ${where} warten`,
      oldest_wait: `ein Auftrag ${where} länger als ${above} wartet`,
      dead_letters: `mehr als ${above} Aufträge ${where} endgültig gescheitert sind`,
      missed_schedule: `ein Zeitplan um mehr als ${above} verspätet ist`,
      silent_worker: `ein Worker sich länger als ${above} nicht regt`,
      no_worker: `mehr als ${above} Aufträge ${where} warten und kein Worker da ist`,
    };
    return `Wenn ${what[when]}${told.hold ? `, und das ${told.hold} lang` : ""}`;
  },
  form: {
    make: "Regel anlegen",
    change: (name: string) => `${name} ändern`,
    name: "Name",
    nameHint: "Buchstaben, Ziffern, _ . und -",
    when: "Wenn",
    above: "Mehr als",
    aboveOf: { number: "Eine Zahl", share: "Prozent der Versuche", length: "Sekunden, oder Worte wie 5m oder 1h30m" },
    window: "Innerhalb von",
    windowHint: "1m bis 24h",
    hold: "Lang",
    holdHint: "So lange muss es falsch sein, ehe es gemeldet wird; 0 für sofort",
    queue: "Warteschlange",
    queueHint: "Leer: jede für sich",
    task: "Aufgabe",
    taskHint: "Leer: alle zusammen",
    severity: "Wie schwer es wiegt",
    channels: "Wem es gemeldet wird",
    channelsNone: "Es gibt keinen Kanal. Ohne ihn sieht man einen Vorfall nur hier.",
    tenant: "Mandant",
    tenantHint: "Nur auf dessen Aufträge wird geachtet; leer: auf alle",
    off: "aus",
    told: "Meldet an",
    nobody: "niemanden",
  },
  made: (name: string) => `${name} ist angelegt`,
  saved: (name: string) => `${name} ist geändert`,
  gone: (name: string) => `${name} ist gelöscht`,
  change: "Ändern",
  switchOff: "Abschalten",
  switchOn: "Einschalten",
  remove: "Löschen",
  acts: (name: string) => `Was mit ${name} zu tun ist`,
  removeRule: (name: string) => `Die Regel ${name} löschen?`,
  removeRuleEffect: "Sie achtet auf nichts mehr, und was sie gefunden hat, ist vorbei.",
  removeChannel: (name: string) => `Den Kanal ${name} löschen?`,
  removeChannelEffect: (rules: number) =>
    rules
      ? `Über ihn wird nichts mehr gemeldet, obwohl ${plural("de", rules, { one: "Regel ihn nennt", other: "Regeln ihn nennen" })}.`
      : "Über ihn wird nichts mehr gemeldet. Keine Regel nennt ihn.",
  channel: {
    make: "Kanal anlegen",
    by: "Per",
    bys: { mail: "Mail", webhook: "Webhook" },
    to: "Adressen",
    toHint: "Durch Kommas oder Zeilen getrennt",
    url: "Adresse des Webhooks",
    urlHint: "https, und keine Adresse im eigenen Netz",
    where: "An",
    made: "Angelegt",
    secretTitle: (name: string) => `${name} unterschreibt mit diesem Geheimnis`,
    secretAbout: "Ihr Empfänger braucht es, um unsere Nachrichten zu erkennen. Es wird jetzt gezeigt und nie wieder.",
    secret: "Geheimnis",
    kept: "Ich habe es aufbewahrt",
    test: "Ausprobieren",
    testing: "Sendet eine Nachricht, die keinen Vorfall meldet.",
    testState: {
      scheduled: "Sie wartet auf den nächsten Versuch.",
      blocked: "Sie wartet.",
      waiting: "Sie wartet auf einen Worker, der sie sendet.",
      running: "Sie wird gesendet.",
      retrying: "Sie konnte noch nicht gesendet werden und wird wieder versucht.",
      completed: "Sie wurde gesendet. Sehen Sie nach, ob sie angekommen ist.",
      failed: "Sie konnte nicht gesendet werden.",
      cancelled: "Sie wurde abgebrochen.",
    },
    testTitle: (name: string) => `Probe von ${name}`,
    testOther: "Die Nachricht ist unterwegs. Ihren Auftrag sieht, wer alle Aufträge sehen darf.",
    toJob: "Zum Auftrag",
  },
};
