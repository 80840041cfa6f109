import { describe as group, expect, test } from "vitest";

import { read } from "./http";
import { argumentsOf, givenBy, turned, UNWRITTEN, writtenOf } from "./schema";

const PARAMETERS = read(`{
  "type": "object",
  "properties": {
    "account": {"type": "integer"},
    "kind": {"$ref": "#/$defs/Kind"},
    "since": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": null},
    "compress": {"type": "boolean", "default": true},
    "to": {"anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}], "default": null},
    "token": {"type": "string", "format": "password", "writeOnly": true, "default": ""}
  },
  "required": ["account"],
  "$defs": {"Kind": {"enum": ["delta", "full"]}, "Address": {"title": "Address", "type": "object"}}
}`) as Record<string, unknown>;
const KNOWN = argumentsOf(PARAMETERS);
const form = (raws: Record<string, string>) => ({ ...UNWRITTEN, raws });

group("a schema as a form", () => {
  test("has a field of each kind", () => {
    expect(KNOWN.map((each) => [each.name, each.kind, each.required, each.otherwise])).toEqual([
      ["account", "whole", true, undefined],
      ["kind", "choice", false, undefined],
      ["since", "text", false, "null"],
      ["compress", "yesno", false, "true"],
      ["to", "json", false, "null"],
      ["token", "secret", false, '""'],
    ]);
    expect(argumentsOf(null)).toEqual([]);
  });

  test("gives what was filled in, and leaves defaults to the task", () => {
    const { given, faults } = givenBy(form({ account: "7", kind: '"full"', compress: "false", to: '{"street": "Rua 1"}' }), KNOWN);
    expect(faults).toEqual({});
    expect(given).toEqual({ account: 7, kind: "full", compress: false, to: { street: "Rua 1" } });
  });

  test("says what is missing or wrong, field by field", () => {
    expect(givenBy(form({ to: "{" }), KNOWN).faults).toEqual({ account: "needed", to: "json" });
    expect(givenBy(form({ account: "4.5" }), KNOWN).faults).toEqual({ account: "whole" });
  });

  test("keeps every digit from form to JSON and back", () => {
    const json = turned(form({ account: "12345678901234567890" }), "json", KNOWN).written;
    expect(json.json).toContain("12345678901234567890");
    expect(String(givenBy(json, KNOWN).given["account"])).toBe("12345678901234567890");
    expect(turned(json, "form", KNOWN).written.raws).toEqual({ account: "12345678901234567890" });
  });

  test("refuses to show as a form what it would change or lose", () => {
    expect(writtenOf({ account: "seven", extra: 1, kind: "full" }, KNOWN).odd).toEqual(["account", "extra"]);
    const json = { as: "json" as const, raws: {}, json: '{"extra": 1}' };
    expect(turned(json, "form", KNOWN)).toEqual({ written: json, odd: ["extra"] });
    expect(turned({ ...json, json: "[1]" }, "form", KNOWN).odd).toEqual([""]);
  });
});
