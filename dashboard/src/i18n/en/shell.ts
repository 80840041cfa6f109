export const shell = {
  themes: { system: "As the system", light: "Light", dark: "Dark" },
  settings: "Settings",
  leave: "Log out",
  missing: "There is no such page",
  login: {
    title: "Log in",
    name: "Name",
    password: "Password",
    come: "Log in",
    ended: "Your session has ended. Log in again, and you are back where you were.",
    wrong: "The name or the password is wrong.",
    none: "There is no account that you did not make: an admin makes them, or `tidemill users create`.",
  },
  setUp: {
    title: "Make the first admin",
    about: "Nobody can log in yet. The server's console shows a token; it works once.",
    token: "Token",
    full: "Full name",
    make: "Make the admin",
    other: "The token is used up, or none was made. Log in instead.",
  },
};
