/** Sees to it that what is sent twice is done once. */

/** A key for each thing that is asked for: the same as long as the same is sent again, another one after it was done. */
export class Once {
  #sent: { said: string; key: string } | undefined;

  /** The key to send this with. */
  keyOf(asked: unknown): string {
    const said = JSON.stringify(asked);
    if (this.#sent?.said !== said) this.#sent = { said, key: made() };
    return this.#sent.key;
  }

  /** It was done: the same is another thing from now on. */
  done(): void {
    this.#sent = undefined;
  }
}

/** 128 random bits; what else makes them there is only where pages come by TLS. */
function made(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
}
