/** A token bucket's size: each call takes a token, and time puts tokens back. */
export interface BucketLimit {
  /** Tokens that come back per second. */
  replenishRate: number;
  /** The tokens of a full bucket: the number of calls that may come at once. */
  burstCapacity: number;
}

/** How time fills a bucket, and who else takes tokens from it. */
export interface BucketBehaviour {
  /** "continuous": a token comes back every `1000 / replenishRate` ms. "each-second": all of them when a second begins. */
  refill: "continuous" | "each-second";
  /** Calls per second of another system on the same bucket, evenly spaced. */
  otherCallsPerSecond: number;
}

/** The result of taking a token. */
export interface Taken {
  /** False if the bucket was empty. */
  readonly taken: boolean;
  /** Whole tokens that are left. */
  readonly remaining: number;
}

interface Bucket {
  tokens: number;
  /** The server's time of `tokens`, epoch ms. */
  at: number;
}

/** Sums of fractions miss a whole number by less than this. */
const ROUNDING = 1e-6;

/** After this many calls of the other system, earlier ones no longer matter. */
const MOST_OTHER_CALLS = 2_000;

/** A token bucket per key, by the server's time: the algorithm of API gateways. */
export class TokenBuckets {
  readonly #behaviour: BucketBehaviour;
  readonly #buckets = new Map<string, Bucket>();

  constructor({ refill = "continuous", otherCallsPerSecond = 0 }: Partial<BucketBehaviour> = {}) {
    this.#behaviour = { refill, otherCallsPerSecond };
  }

  /** Takes a token at `now` (epoch ms). A new bucket is full. */
  take(key: string, now: number, limit: BucketLimit): Taken {
    const bucket = this.#buckets.get(key) ?? { tokens: limit.burstCapacity, at: now };
    this.#buckets.set(key, bucket);
    // The clock can be set back. That fills nothing, and the time is not counted twice.
    if (now < bucket.at) bucket.at = now;
    this.#letOthersTake(bucket, now, limit);
    this.#refill(bucket, now, limit);
    const taken = takeOne(bucket);
    return { taken, remaining: Math.floor(bucket.tokens + ROUNDING) };
  }

  clear(): void {
    this.#buckets.clear();
  }

  #letOthersTake(bucket: Bucket, now: number, limit: BucketLimit): void {
    const { otherCallsPerSecond } = this.#behaviour;
    if (otherCallsPerSecond === 0) return;
    const everyMs = 1000 / otherCallsPerSecond;
    const last = Math.floor(now / everyMs);
    const first = Math.max(Math.floor(bucket.at / everyMs) + 1, last - MOST_OTHER_CALLS);
    for (let call = first; call <= last; call += 1) {
      this.#refill(bucket, call * everyMs, limit);
      takeOne(bucket);
    }
  }

  #refill(bucket: Bucket, to: number, { replenishRate, burstCapacity }: BucketLimit): void {
    const seconds =
      this.#behaviour.refill === "continuous"
        ? (to - bucket.at) / 1000
        : Math.floor(to / 1000) - Math.floor(bucket.at / 1000);
    bucket.tokens = Math.min(burstCapacity, bucket.tokens + Math.max(0, seconds) * replenishRate);
    bucket.at = Math.max(bucket.at, to);
  }
}

function takeOne(bucket: Bucket): boolean {
  if (bucket.tokens < 1 - ROUNDING) return false;
  bucket.tokens = Math.max(0, bucket.tokens - 1);
  return true;
}
