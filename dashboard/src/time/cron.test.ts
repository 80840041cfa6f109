import { describe as group, expect, test } from "vitest";

import { schedules as german } from "../i18n/de/schedules";
import { schedules as english } from "../i18n/en/schedules";
import { describe } from "./cron";

group("a pattern in words", () => {
  test.each([
    ["* * * * *", "every minute"],
    ["*/5 * * * *", "every 5 minutes"],
    ["0 * * * *", "every hour"],
    ["15 * * * *", "every hour at minute 15"],
    ["0 */6 * * *", "every 6 hours"],
    ["0 0 * * *", "at 00:00 every day"],
    ["@daily", "at 00:00 every day"],
    ["0 9 * * 1", "at 09:00 on Monday"],
    ["0 9,17 * * MON-FRI", "at 09:00 and 17:00 on Monday to Friday"],
    ["*/15 9-17 * * 1-5", "every 15 minutes from 09:00 to 17:45 on Monday to Friday"],
    ["0 6 L * *", "at 06:00 on the last day of the month"],
    ["0 6 15W * *", "at 06:00 on the weekday nearest to day 15 of the month"],
    ["0 6 * * FRI#2", "at 06:00 on the second Friday of the month"],
    ["0 6 * * 5L", "at 06:00 on the last Friday of the month"],
    ["30 9 1 */3 *", "at 09:30 on day 1 of the month in January, April, July, and October"],
    ["0 0 1,15 * MON", "at 00:00 on days 1 and 15 of the month or on Monday"],
    ["30 0 2 * * *", "at 02:00 at seconds 30 every day"],
    ["1-7 3-5 * * *", "at minutes 1-7 of hours 3-5"],
  ])("%s", (pattern, said) => {
    expect(describe(pattern, english.cron, "en")).toBe(said);
  });

  test("in German", () => {
    expect(describe("0 9 * * 1", german.cron, "de")).toBe("um 09:00 am Montag");
  });

  test.each(["", "0 0", "61 * * * *", "0 25 * * *", "0 0 * 13 *", "0 0 * * FOO", "0 0 */0 */0 *"])("nothing is said of %j", (pattern) => {
    expect(describe(pattern, english.cron, "en")).toBeUndefined();
  });
});
