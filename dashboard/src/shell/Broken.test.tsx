import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { Problem } from "../server/http";
import { Failed } from "./Broken";

const refused = new Problem(409, { detail: "no queue a\u202ebc", hint: "name\u202e it", errors: [{ pointer: "/body/queue\u202e", message: "is\u202e wrong" }] });

test("where something was to be shown, it says that it could not be", () => {
  render(<Failed error={refused} />);
  expect(screen.getByText("This could not be shown")).toBeDefined();
});

test("where something was to be done, it says what was not", () => {
  render(<Failed error={refused} doing="Create job" />);
  expect(screen.getByText("Not done: Create job")).toBeDefined();
  expect(screen.queryByText("This could not be shown")).toBeNull();
});

test("where the answer was lost, it does not say that nothing was done", () => {
  render(<Failed error={new TypeError("failed to fetch")} doing="Create job" />);
  expect(screen.getByRole("alert").textContent).toContain("Done or not, nobody knows: Create job");
});

test("nothing that the server repeats turns the text around it", () => {
  render(<Failed error={refused} doing="Create job" />);
  const said = screen.getByRole("alert").textContent ?? "";
  expect(said).not.toContain("\u202e");
  for (const part of ["no queue a\\u202ebc", "name\\u202e it", "/body/queue\\u202e", "is\\u202e wrong"]) expect(said).toContain(part);
});
