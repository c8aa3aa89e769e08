/** Counts per key in fixed windows of the virtual clock: enough for limits a client must obey, not for fairness. */
export class RateWindow {
  readonly #windows = new Map<string, { start: number; used: number }>();

  /** Counts one more and returns how many the key has used in the window that `now` lies in. */
  count(key: string, now: number, windowMs: number): number {
    const start = Math.floor(now / windowMs) * windowMs;
    const window = this.#windows.get(key);
    if (window?.start !== start) {
      this.#windows.set(key, { start, used: 1 });
      return 1;
    }
    window.used += 1;
    return window.used;
  }

  clear(): void {
    this.#windows.clear();
  }
}
