/** Counts per key in fixed windows of the virtual clock. */
export class FixedWindows {
  readonly #windows = new Map<string, { start: number; used: number }>();

  /** Counts one more and returns how many the key has used in the window that `now` (epoch ms) lies in. */
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

/** A token bucket per key on the virtual clock, as API gateways replenish their limits. */
export class TokenBuckets {
  readonly #buckets = new Map<string, { left: number; at: number }>();

  /** Takes one and returns how many are left; a negative number where there was none to take. */
  take(key: string, now: number, { replenishRate, burstCapacity }: BucketLimit): number {
    const bucket = this.#buckets.get(key) ?? { left: burstCapacity, at: now };
    // A clock that was set back replenishes nothing.
    const replenished = (Math.max(0, now - bucket.at) / 1000) * replenishRate;
    const left = Math.min(burstCapacity, bucket.left + replenished);
    const taken = left >= 1;
    this.#buckets.set(key, { left: taken ? left - 1 : left, at: now });
    return taken ? Math.floor(left - 1) : -1;
  }

  clear(): void {
    this.#buckets.clear();
  }
}

/** What a bucket holds at most, and how many a second come back. */
export interface BucketLimit {
  replenishRate: number;
  burstCapacity: number;
}
