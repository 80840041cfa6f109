import { plain } from "../../design/plain";

/** One row of what is exported: names and values, in order. */
export type Row = Readonly<Record<string, unknown>>;

/** One JSON object a line, numbers to their last digit. */
export function ndjson(rows: readonly Row[]): string {
  return rows.map((row) => `${line(row)}\n`).join("");
}

/**
 * A table for spreadsheets, RFC 4180. What would be taken for a formula there begins with an
 * apostrophe, for it comes from jobs, and whoever wrote them is not who opens the file.
 */
export function csv(rows: readonly Row[]): string {
  const names = Object.keys(rows[0] ?? {});
  const lines = [names, ...rows.map((row) => names.map((name) => row[name]))];
  return lines.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return String(value);
  const text = typeof value === "string" ? value : line(value);
  const safe = /^[\s]*[=+\-@|%]|^[\t\r\n]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function line(value: unknown): string {
  // Written without line breaks; those inside of strings are escaped anyhow.
  return plain(value, "").replaceAll("\n", "");
}

/** Has the browser keep a text as a file. */
export function keep(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  URL.revokeObjectURL(url);
}
