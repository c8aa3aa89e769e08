/** Base class of a {@link BoundedMap}'s entries: an entry and its place in the queue are one object. */
export class BoundedMapEntry {
  readonly key: string;
  /** The map that the entry is in now. */
  map: unknown = undefined;
  visited = false;
  newer: BoundedMapEntry | undefined = undefined;
  older: BoundedMapEntry | undefined = undefined;

  constructor(key: string) {
    this.key = key;
  }
}

/**
 * A map of bounded size with SIEVE eviction (Zhang et al., NSDI 2024). A hit sets the entry's `visited` flag. An eviction
 * moves the hand from old to new, clears the flags, and evicts the first entry without one.
 */
export class BoundedMap<E extends BoundedMapEntry> {
  readonly #entries = new Map<string, E>();
  readonly #capacity: number;
  readonly #onEvict: ((entry: E) => void) | undefined;
  #newest: BoundedMapEntry | undefined;
  #oldest: BoundedMapEntry | undefined;
  #hand: BoundedMapEntry | undefined;

  constructor(capacity: number, onEvict?: (entry: E) => void) {
    this.#capacity = capacity;
    this.#onEvict = onEvict;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): E | undefined {
    const entry = this.#entries.get(key);
    if (entry !== undefined) entry.visited = true;
    return entry;
  }

  /** Counts a use of the entry without a look-up. Returns whether the entry is in this map. */
  use(entry: E): boolean {
    if (entry.map !== this) return false;
    entry.visited = true;
    return true;
  }

  /** All entries. None counts as used. */
  values(): Iterable<E> {
    return this.#entries.values();
  }

  /** Finds an entry without counting as a use. */
  peek(key: string): E | undefined {
    return this.#entries.get(key);
  }

  set(entry: E): void {
    this.delete(entry.key);
    if (this.#entries.size >= this.#capacity) this.#evict();
    this.#entries.set(entry.key, entry);
    entry.map = this;
    entry.older = this.#newest;
    if (this.#newest !== undefined) this.#newest.newer = entry;
    this.#newest = entry;
    this.#oldest ??= entry;
  }

  delete(key: string): E | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (this.#hand === entry) this.#hand = entry.newer;
    if (entry.newer === undefined) this.#newest = entry.older;
    else entry.newer.older = entry.older;
    if (entry.older === undefined) this.#oldest = entry.newer;
    else entry.older.newer = entry.newer;
    entry.newer = undefined;
    entry.older = undefined;
    entry.map = undefined;
    return entry;
  }

  clear(): void {
    for (const entry of this.#entries.values()) entry.map = undefined;
    this.#entries.clear();
    this.#newest = undefined;
    this.#oldest = undefined;
    this.#hand = undefined;
  }

  #evict(): void {
    let entry = this.#hand ?? this.#oldest;
    while (entry?.visited) {
      entry.visited = false;
      entry = entry.newer ?? this.#oldest;
    }
    if (entry === undefined) return;
    this.#hand = entry;
    const evicted = this.delete(entry.key);
    if (evicted !== undefined) this.#onEvict?.(evicted);
  }
}
