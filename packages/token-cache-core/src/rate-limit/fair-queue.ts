/**
 * A queue that is fair between identities by round robin: each identity that waits gets every turn but once, and its own
 * entries stay in order.
 */
export class FairQueue<T> {
  /** Identities in the order of their turns, each with its entries in the order of their arrival. */
  readonly #entries = new Map<string, Set<T>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Adds an entry behind the identity's others; or before them, where it had its turn already. */
  add(identity: string, entry: T, isFirst = false): void {
    const own = this.#entries.get(identity);
    if (own === undefined) this.#entries.set(identity, new Set([entry]));
    else if (isFirst) this.#entries.set(identity, new Set([entry, ...own]));
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
  *[Symbol.iterator](): Iterator<readonly [identity: string, entry: T]> {
    for (const [identity, own] of this.#entries) for (const entry of own) yield [identity, entry];
  }

  /** Removes an entry that waits no longer. Whether it was there. */
  remove(identity: string, entry: T): boolean {
    const own = this.#entries.get(identity);
    if (own?.delete(entry) !== true) return false;
    if (own.size === 0) this.#entries.delete(identity);
    this.#size--;
    return true;
  }
}
