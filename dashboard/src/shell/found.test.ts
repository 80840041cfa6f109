import { expect, test } from "vitest";

import { found, idIn, MOST } from "./found";

const entry = (name: string, kind = "Page") => ({ name, kind, act: () => undefined });

test("what begins with what is written comes first, what merely holds it later", () => {
  const all = [entry("email"), entry("fast-mail"), entry("mail"), entry("mailing")];
  expect(found(all, "Mail").map((each) => each.name)).toEqual(["mail", "mailing", "email", "fast-mail"]);
});

test("every word has to be there, and a kind is a word", () => {
  const all = [entry("mail", "Queue"), entry("send_mail", "Task"), entry("Jobs")];
  expect(found(all, "mail queue").map((each) => each.name)).toEqual(["mail"]);
  expect(found(all, "mail nothing")).toEqual([]);
  expect(found(all, "  ")).toHaveLength(3);
});

test("of very many, some are shown", () => {
  expect(found(Array.from({ length: 500 }, (_, at) => entry(`queue-${at}`)), "queue")).toHaveLength(MOST);
});

test("the id of a job is found in what was pasted", () => {
  expect(idIn(" job 01939D2C-7b1a-7e3f-9c58-0a4e6f2b9d10,")).toBe("01939d2c-7b1a-7e3f-9c58-0a4e6f2b9d10");
  expect(idIn("01939d2c")).toBeUndefined();
});
