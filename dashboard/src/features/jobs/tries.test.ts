import { expect, test } from "vitest";

import { common as german } from "../../i18n/de/common";
import { jobs as germanJobs } from "../../i18n/de/jobs";
import { common } from "../../i18n/en/common";
import { jobs } from "../../i18n/en/jobs";
import type { Attempt } from "../../server/jobs";
import { meantBy, triesOf } from "./tries";

const tried = (number: number, started_at: string): Attempt => ({ number, worker: 1, started_at, ended_at: null, ending: null, error: null });
const ATTEMPTS = [tried(1, "a"), tried(2, "b"), tried(1, "c"), tried(1, "d")];

test("attempts of one number are told apart", () => {
  expect(triesOf(ATTEMPTS, { jobs, common }).map((each) => each.name)).toEqual(["Attempt 1", "Attempt 2", "Attempt 1, 2nd time", "Attempt 1, 3rd time"]);
  expect(triesOf(ATTEMPTS, { jobs: germanJobs, common: german }).at(-1)?.name).toBe("Versuch 1, zum 3. Mal");
});

test("a link leads to the attempt that it was made for", () => {
  const tries = triesOf(ATTEMPTS, { jobs, common });
  expect(meantBy(tries, { attempt: 1, began: "a" })?.attempt).toBe(ATTEMPTS[0]);
  expect(meantBy(tries, { attempt: 1 })?.attempt).toBe(ATTEMPTS[3]);
  expect(meantBy(tries, {})?.attempt).toBe(ATTEMPTS[3]);
});
