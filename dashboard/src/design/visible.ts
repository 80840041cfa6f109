/** Marks that turn the direction of what stands beside them, and other characters that show nothing. */
const UNSEEN = /(?![\t\r\n])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\u200b\u2060\ufeff]/gu;

/** Text that somebody else wrote, with what would hide or turn it written out, as `\u202e`. */
export function visible(text: string): string {
  return text.replace(UNSEEN, (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The same of whatever is shown: text is made visible, all else stays as it is. */
export function shown<T>(what: T): T | string {
  return typeof what === "string" ? visible(what) : what;
}
