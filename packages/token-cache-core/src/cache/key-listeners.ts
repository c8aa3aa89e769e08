/** Callbacks by key, while a caller waits for news of it. */
export class KeyListeners<T> {
  readonly #listeners = new Map<string, Set<(news: T) => void>>();

  /** Calls back for each news of a key. Returns how to stop. */
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
