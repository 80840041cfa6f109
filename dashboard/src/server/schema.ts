/** A task's JSON Schema as the fields of a form, and what was written in them as arguments. */

import { plain } from "../design/plain";
import { Exact, read } from "./http";

export type Kind = "text" | "secret" | "whole" | "number" | "yesno" | "choice" | "json";

/** One argument of a task. */
export interface Argument {
  name: string;
  kind: Kind;
  required: boolean;
  nullable: boolean;
  /** The default as JSON; `undefined`: there is none that could be told. */
  otherwise: string | undefined;
  /** What it may be, as JSON. */
  options: string[];
  /** What type it has, in the schema's words. */
  type: string;
  description: string;
}

/** What was written so far: field by field, or the whole as JSON. */
export interface Written {
  as: "form" | "json";
  /** By the names of arguments; an empty one is not given. */
  raws: Record<string, string>;
  json: string;
}

export const UNWRITTEN: Written = { as: "form", raws: {}, json: "{}" };

export type Fault = "needed" | "whole" | "number" | "json" | "object";

type Schema = Record<string, unknown>;

/** The arguments in the order in which the task has them. */
export function argumentsOf(parameters: Schema | null): Argument[] {
  if (!parameters) return [];
  const kinds = (parameters["$defs"] ?? {}) as Record<string, Schema>;
  const required = new Set((parameters["required"] ?? []) as string[]);
  return Object.entries((parameters["properties"] ?? {}) as Record<string, Schema>).map(([name, schema]) => {
    const { nullable, schema: bare } = resolved(schema, kinds);
    const options = optionsOf(bare, nullable);
    return {
      name,
      kind: options.length ? "choice" : kindOf(bare),
      required: required.has(name),
      nullable,
      otherwise: "default" in schema ? plain(schema["default"], "", "").replaceAll("\n", " ") : undefined,
      options,
      type: typeOf(bare),
      description: String(schema["description"] ?? bare["description"] ?? ""),
    };
  });
}

function resolved(schema: Schema, kinds: Record<string, Schema>): { nullable: boolean; schema: Schema } {
  if (typeof schema["$ref"] === "string") {
    const named = kinds[schema["$ref"].split("/").pop() ?? ""];
    return named ? resolved(named, {}) : { nullable: false, schema };
  }
  const any = schema["anyOf"] as Schema[] | undefined;
  if (!any) return { nullable: false, schema };
  const rest = any.filter((each) => each["type"] !== "null");
  const nullable = rest.length < any.length;
  return rest.length === 1 ? { nullable, schema: resolved(rest[0]!, kinds).schema } : { nullable, schema: {} };
}

function optionsOf(schema: Schema, nullable: boolean): string[] {
  const values = Array.isArray(schema["enum"]) ? schema["enum"] : "const" in schema ? [schema["const"]] : [];
  const options = values.map((each) => plain(each, "", ""));
  return options.length && nullable ? [...options, "null"] : options;
}

function kindOf(schema: Schema): Kind {
  switch (schema["type"]) {
    case "string":
      return schema["writeOnly"] || schema["format"] === "password" ? "secret" : "text";
    case "integer":
      return "whole";
    case "number":
      return "number";
    case "boolean":
      return "yesno";
    default:
      return "json";
  }
}

function typeOf(schema: Schema): string {
  const type = String(schema["title"] ?? schema["type"] ?? "");
  if (schema["type"] === "array") {
    const items = schema["items"] as Schema | undefined;
    return `array${typeof items?.["type"] === "string" ? ` of ${items["type"]}` : ""}`;
  }
  return typeof schema["format"] === "string" && schema["format"] !== "password" ? `${type}, ${schema["format"]}` : type;
}

const WHOLE = /^-?(0|[1-9]\d*)$/;
const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;

function valueOf(argument: Argument, raw: string): { value: unknown } | { fault: Fault } {
  switch (argument.kind) {
    case "text":
    case "secret":
      return { value: raw };
    case "whole":
      return WHOLE.test(raw.trim()) ? { value: read(raw.trim()) } : { fault: "whole" };
    case "number":
      return NUMBER.test(raw.trim()) ? { value: read(raw.trim()) } : { fault: "number" };
    default:
      return parsed(raw);
  }
}

function parsed(raw: string): { value: unknown } | { fault: Fault } {
  try {
    return { value: read(raw) };
  } catch {
    return { fault: "json" };
  }
}

export interface Given {
  given: Record<string, unknown>;
  /** What is wrong, by argument; that of the whole stands under the empty name. */
  faults: Record<string, Fault>;
}

/** What was written, as arguments; numbers keep every digit. */
export function givenBy(written: Written, known: readonly Argument[]): Given {
  if (written.as === "json") {
    const found = parsed(written.json.trim() || "{}");
    if ("fault" in found) return { given: {}, faults: { "": "json" } };
    return isObject(found.value) ? { given: found.value, faults: {} } : { given: {}, faults: { "": "object" } };
  }
  const given: Record<string, unknown> = {};
  const faults: Record<string, Fault> = {};
  for (const argument of known) {
    const raw = written.raws[argument.name] ?? "";
    if (raw === "") {
      if (argument.required) faults[argument.name] = "needed";
      continue;
    }
    const found = valueOf(argument, raw);
    if ("fault" in found) faults[argument.name] = found.fault;
    else given[argument.name] = found.value;
  }
  return { given, faults };
}

/** Arguments as the form would have them; `odd` names those that it cannot show. */
export function writtenOf(given: Record<string, unknown>, known: readonly Argument[]): { raws: Record<string, string>; odd: string[] } {
  const raws: Record<string, string> = {};
  const odd: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const argument = known.find((each) => each.name === name);
    const raw = argument && rawOf(argument, value);
    if (raw === undefined) odd.push(name);
    else raws[name] = raw;
  }
  return { raws, odd };
}

function rawOf(argument: Argument, value: unknown): string | undefined {
  const isNumber = typeof value === "number" || value instanceof Exact;
  switch (argument.kind) {
    case "text":
    case "secret":
      return typeof value === "string" && value !== "" ? value : undefined;
    case "whole":
    case "number":
      return isNumber ? String(value) : undefined;
    case "yesno":
      return typeof value === "boolean" ? String(value) : undefined;
    case "choice":
      return argument.options.includes(plain(value, "", "")) ? plain(value, "", "") : undefined;
    case "json":
      return plain(value);
  }
}

/** What was written, turned to the other way of writing; `odd` names what forbids it. */
export function turned(written: Written, to: Written["as"], known: readonly Argument[]): { written: Written; odd: string[] } {
  if (written.as === to) return { written, odd: [] };
  const { given, faults } = givenBy(written, known);
  if (to === "json") return { written: { ...written, as: "json", json: plain(given) }, odd: [] };
  if (faults[""]) return { written, odd: [""] };
  const { raws, odd } = writtenOf(given, known);
  return odd.length ? { written, odd } : { written: { ...written, as: "form", raws }, odd: [] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Exact);
}
