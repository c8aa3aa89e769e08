import { describe, expect, it } from "vitest";
import { type BucketBehaviour, TokenBuckets } from "./token-buckets.ts";

const TWO_PER_SECOND = { replenishRate: 2, burstCapacity: 2 };

function bucket(behaviour: Partial<BucketBehaviour> = {}, limit = TWO_PER_SECOND) {
  const buckets = new TokenBuckets(behaviour);
  return (now: number, key = "a") => buckets.take(key, now, limit);
}

describe("a token bucket", () => {
  it("is full at first, and says how many tokens are left", () => {
    const take = bucket({}, { replenishRate: 1, burstCapacity: 3 });
    expect([take(0), take(0), take(0), take(0)]).toEqual([
      { taken: true, remaining: 2 },
      { taken: true, remaining: 1 },
      { taken: true, remaining: 0 },
      { taken: false, remaining: 0 },
    ]);
  });

  it("regains tokens one by one", () => {
    const take = bucket();
    take(0);
    take(0);
    expect(take(499).taken).toBe(false);
    expect(take(500).taken).toBe(true);
    expect(take(999).taken).toBe(false);
    expect(take(1000).taken).toBe(true);
  });

  it("regains all tokens when a second begins, by the switch", () => {
    const take = bucket({ refill: "each-second" });
    take(1900);
    take(1900);
    expect(take(1999).taken).toBe(false);
    expect([take(2000).taken, take(2000).taken, take(2999).taken]).toEqual([true, true, false]);
  });

  it("lets no more calls through in any hour than its burst and its rate", () => {
    for (const refill of ["continuous", "each-second"] as const) {
      const take = bucket({ refill });
      let allowed = 0;
      for (let now = 0; now < 3_600_000; now += 7) if (take(now).taken) allowed += 1;
      expect(allowed).toBeGreaterThanOrEqual(7_199);
      expect(allowed).toBeLessThanOrEqual(7_202);
    }
  });

  it("holds no more than its burst after a long pause", () => {
    const take = bucket();
    take(0);
    expect([take(1e9).taken, take(1e9).taken, take(1e9).taken]).toEqual([true, true, false]);
  });

  it("is separate for each key", () => {
    const take = bucket();
    take(0, "a");
    take(0, "a");
    expect(take(0, "a").taken).toBe(false);
    expect(take(0, "b").taken).toBe(true);
  });

  it("regains nothing from a clock that is set back, and works on from there", () => {
    const take = bucket();
    take(10_000);
    take(10_000);
    expect(take(5_000).taken).toBe(false);
    expect(take(5_500).taken).toBe(true);
    expect(take(5_500).taken).toBe(false);
  });

  it("shares its tokens with another system", () => {
    const take = bucket({ otherCallsPerSecond: 1 });
    let allowed = 0;
    for (let now = 0; now < 1_000_000; now += 10) if (take(now).taken) allowed += 1;
    expect(allowed).toBeGreaterThan(990);
    expect(allowed).toBeLessThan(1_010);
  });

  it("is empty if the other system takes more than comes back, also after a long pause", () => {
    const take = bucket({ otherCallsPerSecond: 50 });
    take(0);
    const results = [1_000, 2_000, 1e9].map((now) => take(now).taken);
    expect(results).toEqual([false, false, false]);
  });
});
