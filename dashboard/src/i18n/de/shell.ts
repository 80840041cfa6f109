import type { Text } from "../text";

export const shell: Text["shell"] = {
  themes: { system: "Wie das System", light: "Hell", dark: "Dunkel" },
  settings: "Einstellungen",
  leave: "Abmelden",
  missing: "Diese Seite gibt es nicht",
  login: {
    title: "Anmelden",
    name: "Name",
    password: "Kennwort",
    come: "Anmelden",
    ended: "Ihre Sitzung ist zu Ende. Melden Sie sich an, und Sie sind wieder, wo Sie waren.",
    wrong: "Der Name oder das Kennwort ist falsch.",
    none: "Es gibt kein Konto, das niemand angelegt hat: das tun Admins, oder `tidemill users create`.",
  },
  setUp: {
    title: "Ersten Admin anlegen",
    about: "Noch kann sich niemand anmelden. Die Konsole des Servers zeigt ein Zeichen; es gilt einmal.",
    token: "Zeichen",
    full: "Voller Name",
    make: "Admin anlegen",
    other: "Das Zeichen ist verbraucht, oder es gab keines. Melden Sie sich stattdessen an.",
  },
};
