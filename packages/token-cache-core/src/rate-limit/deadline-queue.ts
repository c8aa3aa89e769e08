/** Where an entry waits in a {@link DeadlineQueue}. */
interface Place<T> {
  readonly entry: T;
  readonly deadline: number;
  readonly arrival: number;
}

/** A priority queue: earliest deadline first, and in the order of arrival among equals. A binary heap. */
export class DeadlineQueue<T extends { readonly neededAt: number }> {
  readonly #heap: Place<T>[] = [];
  /** The valid place of each entry: a removed entry leaves its place in the heap. */
  readonly #places = new Map<T, Place<T>>();
  #arrivals = 0;

  get size(): number {
    return this.#places.size;
  }

  /** Adds an entry, before all others if `isFirst`; or puts it in another place after its deadline has changed. */
  add(entry: T, isFirst = false): void {
    const arrival = this.#arrivals++;
    const place = isFirst
      ? { entry, deadline: Number.NEGATIVE_INFINITY, arrival: -arrival }
      : { entry, deadline: entry.neededAt, arrival };
    this.#places.set(entry, place);
    let index = this.#heap.push(place) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(place, this.#at(parent))) break;
      this.#heap[index] = this.#at(parent);
      index = parent;
    }
    this.#heap[index] = place;
  }

  /** Takes the next entry out. */
  next(): T | undefined {
    while (this.#heap.length > 0) {
      const place = this.#at(0);
      this.#removeTop();
      if (this.#places.get(place.entry) !== place) continue;
      this.#places.delete(place.entry);
      return place.entry;
    }
    return undefined;
  }

  /** All entries. */
  [Symbol.iterator](): Iterator<T> {
    return this.#places.keys();
  }

  /** Removes an entry that waits no longer, if it is there. */
  remove(entry: T): void {
    this.#places.delete(entry);
  }

  #removeTop(): void {
    const last = this.#heap.pop() as Place<T>;
    const { length } = this.#heap;
    if (length === 0) return;
    let index = 0;
    for (let child = 1; child < length; child = 2 * index + 1) {
      if (child + 1 < length && isBefore(this.#at(child + 1), this.#at(child))) child++;
      if (!isBefore(this.#at(child), last)) break;
      this.#heap[index] = this.#at(child);
      index = child;
    }
    this.#heap[index] = last;
  }

  #at(index: number): Place<T> {
    return this.#heap[index] as Place<T>;
  }
}

function isBefore(one: Place<unknown>, other: Place<unknown>): boolean {
  return one.deadline < other.deadline || (one.deadline === other.deadline && one.arrival < other.arrival);
}
