import { expect, test } from "vitest";

import { en } from "../../i18n/en";
import { comes, momentary, soonest } from "./words";

test("what cannot be said in words is shown as it is written", () => {
  expect(comes({ pattern: "0 0 * * *", every: 0 }, en, "en")).toBe("at 00:00 every day");
  expect(comes({ pattern: "nonsense", every: 0 }, en, "en")).toBe("nonsense");
  expect(comes({ pattern: "", every: 600 }, en, "en")).toBe("every 10 m");
  expect(comes({ pattern: "", every: 0 }, en, "en")).toBe("by hand only");
});

test("a moment of today is told by its time, another one with its day", () => {
  const now = Date.parse("2026-11-29T12:00:00Z");
  expect(momentary(Date.parse("2026-11-29T14:15:00Z"), "UTC", "en", now)).toBe("14:15");
  expect(momentary(Date.parse("2026-11-30T02:00:00Z"), "UTC", "en", now)).toBe("Mon 30 Nov 02:00");
});

test("the soonest of all is found, whatever is paused", () => {
  const at = (name: string, next_at: string | null) => ({ name, next_at }) as Parameters<typeof soonest>[0][number];
  expect(soonest([at("a", null), at("b", "2026-11-30"), at("c", "2026-11-29")])?.name).toBe("c");
  expect(soonest([at("a", null)])).toBeUndefined();
});
