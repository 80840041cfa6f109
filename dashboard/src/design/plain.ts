/** A number that is shown as it was written. */
interface Written {
  written: string;
}

/** Whether a value is such a number. */
export function isWritten(value: unknown): value is Written {
  return typeof value === "object" && value !== null && "written" in value && Object.keys(value).length === 1 && "toJSON" in value;
}

/** A JSON value as text, numbers to their last digit. */
export function plain(value: unknown, indent = "  ", before = ""): string {
  if (isWritten(value)) return value.written;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const within = before + indent;
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const parts = Array.isArray(value)
    ? value.map((each) => plain(each, indent, within))
    : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${plain(each, indent, within)}`);
  return parts.length ? `${open}\n${within}${parts.join(`,\n${within}`)}\n${before}${close}` : open + close;
}
