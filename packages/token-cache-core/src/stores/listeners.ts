/** Who wants to hear of what, for a store's `changed` and `unreadable`. */
export class Listeners<T> {
  readonly #listeners = new Set<(event: T) => void>();

  get size(): number {
    return this.#listeners.size;
  }

  /** Returns how to stop listening. */
  add(listener: (event: T) => void): () => void {
    // The same function may listen twice, and must then be stopped twice.
    const call = (event: T) => listener(event);
    this.#listeners.add(call);
    return () => void this.#listeners.delete(call);
  }

  /** Calls everybody back. One that throws does not keep the others from hearing. */
  notify(event: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch {
        // A listener's fault is not the store's, nor that of whoever wrote.
      }
    }
  }

  clear(): void {
    this.#listeners.clear();
  }
}
