import { expect, test } from "vitest";

import { saidOf, wrongAt } from "./calls";
import { Problem } from "./http";

test("what is wrong is said beside the part that its pointer names", () => {
  const problem = new Problem(422, { detail: "no", errors: [{ pointer: "/body/queue", message: "should be a name" }] });
  expect(wrongAt(problem, "queue")).toBe("should be a name");
  expect(wrongAt(problem, "que")).toBeUndefined();
  expect(saidOf(problem, ["name", "queue"])).toBe(true);
  expect(saidOf(new Error("x"), ["queue"])).toBe(false);
});

test("an argument that the task refuses is named in the sentence", () => {
  const problem = new Problem(422, { detail: "send(): argument 'to.city': expected str, got int" });
  expect(wrongAt(problem, "arguments/to")).toBe("expected str, got int");
  expect(wrongAt(problem, "arguments/city")).toBeUndefined();
});
