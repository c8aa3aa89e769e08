/** Callbacks by key, for callers that wait for a change of its entry. */
export class KeyListeners<T> {
  readonly #listeners = new Map<string, Set<(news: T) => void>>();

  /** Calls back at each change of the key's entry. Returns a function that stops it. */
  add(key: string, listener: (news: T) => void): () => void {
    const listeners = this.#listeners.get(key) ?? new Set();
    this.#listeners.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(key);
    };
  }

  notify(key: string, news: T): void {
    for (const listener of this.#listeners.get(key) ?? []) listener(news);
  }
}
