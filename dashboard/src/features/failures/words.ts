import { plain } from "../../design/plain";
import { visible } from "../../design/visible";
import type { Text } from "../../i18n/text";
import type { Trait } from "../../server/failures";

/** A trait, as one would write it: `url="https://…"`, `tag:trial`. */
export function spelled(trait: Trait, text: Text<"failures">): string {
  if (trait.kind === "argument") return visible(`${trait.name}=${plain(trait.value)}`);
  return `${text.failures.kinds[trait.kind].toLowerCase()} ${String(trait.value)}`;
}

/** A trait in a sentence: `all with url="https://…"`. */
export function said(trait: Trait, text: Text<"failures">): string {
  const share = `${Math.floor((100 * trait.have) / trait.of)} %`;
  return text.failures.trait(trait.have === trait.of, spelled(trait, text), share);
}

/** The one that says most; that they have been tried so often goes for nearly all that fail. */
export function telling(traits: readonly Trait[]): Trait | undefined {
  return traits.find((trait) => trait.kind !== "attempt");
}
