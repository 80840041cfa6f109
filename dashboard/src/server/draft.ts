/** What was written or begun and is not done yet: kept as long as the tab is, or as long as the browser keeps it. */

const PLACE = "tidemill.draft.";

type Where = "tab" | "browser";

const at = (where: Where) => (where === "tab" ? sessionStorage : localStorage);

export function kept<T>(name: string, where: Where = "tab"): T | undefined {
  try {
    const text = at(where).getItem(PLACE + name);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

export function keep(name: string, draft: unknown, where: Where = "tab"): void {
  try {
    at(where).setItem(PLACE + name, JSON.stringify(draft));
  } catch {
    // Where the browser keeps nothing, nothing is kept.
  }
}

export function forget(name: string, where: Where = "tab"): void {
  try {
    at(where).removeItem(PLACE + name);
  } catch {
    // There is nothing then.
  }
}
