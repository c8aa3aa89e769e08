/**
 * A queue that is fair between identities, by round robin: after its turn, an identity waits until all others had one.
 * The entries of one identity stay in order.
 */
export class FairQueue<T extends { readonly identity: string }> {
  /** Identities in the order of their turns, each with its entries in the order of their arrival. */
  readonly #entries = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an entry behind the identity's others, or before them if it had its turn already. */
  add(entry: T, isFirst = false): void {
    const own = this.#entries.get(entry.identity);
    if (own === undefined || isFirst) this.#entries.set(entry.identity, new Set([entry, ...(own ?? [])]));
    else own.add(entry);
    this.#size++;
  }

  /** Takes the next entry out. */
  next(): T | undefined {
    for (const [identity, own] of this.#entries) {
      this.#entries.delete(identity);
      for (const entry of own) {
        own.delete(entry);
        if (own.size > 0) this.#entries.set(identity, own);
        this.#size--;
        return entry;
      }
    }
    return undefined;
  }

  /** All entries, identity by identity. */
  *[Symbol.iterator](): Iterator<T> {
    for (const own of this.#entries.values()) yield* own;
  }

  /** Removes an entry that waits no longer, if it is there. */
  remove(entry: T): void {
    const own = this.#entries.get(entry.identity);
    if (own?.delete(entry) !== true) return;
    if (own.size === 0) this.#entries.delete(entry.identity);
    this.#size--;
  }
}
