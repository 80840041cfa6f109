/** Asks the API; what it takes and answers is typed by its own document. */

import { setBy } from "../time/clock";
import { noticed } from "./contact";
import type { paths } from "./schema.gen";

type Method = "get" | "post" | "patch" | "put" | "delete";
type Operation<P extends keyof paths, M extends Method> = NonNullable<paths[P][M]>;

export type PathWith<M extends Method> = {
  [P in keyof paths]: undefined extends paths[P][M] ? never : P;
}[keyof paths];

type Json<R> = R extends { content: { "application/json": infer T } } ? T : undefined;

export type Answer<P extends keyof paths, M extends Method> =
  Operation<P, M> extends { responses: infer R }
    ? { [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Json<R[S]> : never }[keyof R]
    : never;

type Part<O, Name extends string> = O extends { parameters: infer Parts }
  ? Name extends keyof Parts
    ? NonNullable<Parts[Name]>
    : unknown
  : unknown;

type BodyOf<O> = O extends { requestBody?: infer B }
  ? NonNullable<B> extends { content: { "application/json": infer T } }
    ? T
    : undefined
  : undefined;

export interface Given<P extends keyof paths, M extends Method> {
  path?: Part<Operation<P, M>, "path">;
  query?: Part<Operation<P, M>, "query">;
  body?: BodyOf<Operation<P, M>>;
  /** Why it is asked for; the audit log keeps it. */
  reason?: string | undefined;
  /** The version that was seen, as an entity tag. */
  seen?: string | undefined;
  /** A key under which the same is done once, however often it is sent. */
  once?: string | undefined;
  signal?: AbortSignal;
}

interface Loose {
  path?: unknown;
  query?: unknown;
  body?: unknown;
  reason?: string | undefined;
  seen?: string | undefined;
  once?: string | undefined;
  signal?: AbortSignal;
}

/** What the server says is wrong (RFC 9457). */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;
  readonly request: string;
  readonly parts: { pointer: string; message: string }[];
  /** Seconds after which it may be tried again. */
  readonly wait: number | undefined;

  constructor(status: number, told: Partial<Record<string, unknown>>, wait?: number) {
    super(typeof told["detail"] === "string" ? told["detail"] : `${status}`);
    this.name = "Problem";
    this.status = status;
    this.code = typeof told["code"] === "string" ? told["code"] : "";
    this.hint = typeof told["hint"] === "string" ? told["hint"] : "";
    this.request = typeof told["request"] === "string" ? told["request"] : "";
    this.parts = Array.isArray(told["errors"]) ? (told["errors"] as Problem["parts"]) : [];
    this.wait = wait;
  }
}

/** Whether what was asked for is not there, or no more. */
export function isGone(error: unknown): boolean {
  return error instanceof Problem && error.status === 404;
}

/** A number that would lose digits here, as it was written. */
export class Exact {
  readonly written: string;

  constructor(written: string) {
    this.written = written;
  }

  toString(): string {
    return this.written;
  }

  toJSON(): unknown {
    const raw = (JSON as unknown as { rawJSON?: (text: string) => unknown }).rawJSON;
    return raw ? raw(this.written) : Number(this.written);
  }
}

/** Reads JSON; numbers too large or too fine for this language stay as they are written. */
export function read(text: string): unknown {
  return JSON.parse(text, function keep(_key, value: unknown, ...more: unknown[]): unknown {
    const source = (more[0] as { source?: string } | undefined)?.source;
    if (typeof value !== "number" || source === undefined) return value;
    return same(source, value) ? value : new Exact(source);
  });
}

function same(source: string, value: number): boolean {
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value);
  const digits = source.replace(/[eE].*$/, "").replace(/[-.]/g, "").replace(/^0+|0+$/g, "");
  return digits.length <= 15 && Number.isFinite(value);
}

let csrf = "";

/** Sends this token with every change from now on; the session told it. */
export function trust(token: string): void {
  csrf = token;
}

/** Told of every answer that says that nobody is logged in any more. */
export const ended = new EventTarget();

export function address(path: string): URL {
  return new URL(path.replace(/^\//, ""), document.baseURI);
}

function located(path: string, given: Loose): URL {
  const parts = (given.path ?? {}) as Record<string, string>;
  const url = address(path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts[name] ?? "")));
  for (const [name, value] of Object.entries((given.query ?? {}) as Record<string, unknown>)) {
    if (value === undefined || value === null || value === "") continue;
    for (const each of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(each));
  }
  return url;
}

async function ask(method: Method, path: string, given: Loose): Promise<unknown> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "get") headers["X-CSRF-Token"] = csrf;
  if (given.body !== undefined) headers["Content-Type"] = "application/json";
  if (given.reason) headers["X-Reason"] = encodeURIComponent(given.reason);
  if (given.seen) headers["If-Match"] = given.seen;
  if (given.once) headers["Idempotency-Key"] = given.once;
  const answer = await reached(located(path, given), {
    method: method.toUpperCase(),
    headers,
    credentials: "same-origin",
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    ...(given.signal ? { signal: given.signal } : {}),
  });
  setBy(answer.headers.get("date"));
  const text = await answer.text();
  if (answer.ok) return text ? read(text) : undefined;
  if (answer.status === 401) ended.dispatchEvent(new Event("ended"));
  throw new Problem(answer.status, told(text), Number(answer.headers.get("retry-after")) || undefined);
}

async function reached(url: URL, request: RequestInit): Promise<Response> {
  try {
    const answer = await fetch(url, request);
    noticed(answer.status);
    return answer;
  } catch (error) {
    if (!request.signal?.aborted) noticed(undefined);
    throw error;
  }
}

function told(text: string): Record<string, unknown> {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export function get<P extends PathWith<"get">>(
  path: P,
  given: Given<P, "get"> = {},
): Promise<Answer<P, "get">> {
  return ask("get", path, given) as Promise<Answer<P, "get">>;
}

export function post<P extends PathWith<"post">>(
  path: P,
  given: Given<P, "post"> = {},
): Promise<Answer<P, "post">> {
  return ask("post", path, given) as Promise<Answer<P, "post">>;
}

export function patch<P extends PathWith<"patch">>(
  path: P,
  given: Given<P, "patch"> = {},
): Promise<Answer<P, "patch">> {
  return ask("patch", path, given) as Promise<Answer<P, "patch">>;
}

export function put<P extends PathWith<"put">>(
  path: P,
  given: Given<P, "put"> = {},
): Promise<Answer<P, "put">> {
  return ask("put", path, given) as Promise<Answer<P, "put">>;
}

export function remove<P extends PathWith<"delete">>(
  path: P,
  given: Given<P, "delete"> = {},
): Promise<Answer<P, "delete">> {
  return ask("delete", path, given) as Promise<Answer<P, "delete">>;
}
