/** What was written and not sent yet: kept as long as the tab is. */

const PLACE = "tidemill.draft.";

export function kept<T>(name: string): T | undefined {
  try {
    const text = sessionStorage.getItem(PLACE + name);
    return text === null ? undefined : (JSON.parse(text) as T);
  } catch {
    return undefined;
  }
}

export function keep(name: string, draft: unknown): void {
  try {
    sessionStorage.setItem(PLACE + name, JSON.stringify(draft));
  } catch {
    // Where the browser keeps nothing, nothing is kept.
  }
}

export function forget(name: string): void {
  try {
    sessionStorage.removeItem(PLACE + name);
  } catch {
    // There is nothing then.
  }
}
