/** Callbacks for a store's `changed` and `unreadable`. */
export class Listeners<T> {
  readonly #listeners = new Set<(event: T) => void>();

  get size(): number {
    return this.#listeners.size;
  }

  /** Returns a function that removes the listener. */
  add(listener: (event: T) => void): () => void {
    // The same function may be added twice, and is then removed twice.
    const call = (event: T) => listener(event);
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  }

  /** Calls all listeners. One that throws does not keep the others from being called. */
  notify(event: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch {
        // A listener's failure must not become the store's or the writer's.
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
