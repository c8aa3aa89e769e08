import { describe, expect, test } from "vitest";
import { TokenError } from "../contract/token-error.ts";
import { ManualClock } from "../testing/index.ts";
import type { Clock } from "../time/clock.ts";
import { TokenCache } from "./token-cache.ts";
import type { TokenCacheOptions } from "./token-cache-options.ts";
import { failureOf, heldAnswer, MINUTE, recorder, SECOND, TestTokenSource } from "./token-source.test-support.ts";

/** A cache, its clock, and how often it read the clock. */
function countingCache() {
  const time = new ManualClock();
  const reads = { wall: 0, monotonic: 0 };
  const clock: Clock = {
    wall: () => {
      reads.wall++;
      return time.wall();
    },
    monotonic: () => {
      reads.monotonic++;
      return time.monotonic();
    },
    setTimer: (callback, delayMs) => time.setTimer(callback, delayMs),
  };
  const readsOf = (act: () => unknown) => {
    Object.assign(reads, { wall: 0, monotonic: 0 });
    act();
    return { ...reads };
  };
  return { cache: new TokenCache({ clock }), time, readsOf };
}

/** A cache with a token in it that a full check found fresh just now. */
async function vouchedCache() {
  const { cache, time, readsOf } = countingCache();
  const source = new TestTokenSource();
  await cache.getToken(source);
  await cache.getToken(source);
  return { cache, time, readsOf, source, get: () => cache.getToken(source) };
}

const HOT = { wall: 1, monotonic: 0 };
/** The hot path gave up after its own read of the wall clock. */
const FULL = { wall: 2, monotonic: 1 };

describe("a token cache", () => {
  test("case 1: a thousand callers on a cold cache cost one request", async () => {
    const cache = new TokenCache({ clock: new ManualClock() });
    const { answer, release } = heldAnswer();
    const source = new TestTokenSource({ answer });
    const calls = Array.from({ length: 1_000 }, () => cache.getToken(source));
    release();
    const tokens = await Promise.all(calls);
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]?.value).toBe("token-1");
    expect(source.issues).toBe(1);
  });

  test("answers from memory while the token is fresh", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock });
    const source = new TestTokenSource();
    const token = await cache.getToken(source);
    for (let minute = 0; minute < 49; minute++) {
      clock.advance(MINUTE);
      expect(await cache.getToken(source)).toBe(token);
    }
    expect(source.issues).toBe(1);
  });

  test("describes the token as the answer does, with a life that began when the request was sent", async () => {
    const startAt = 1_700_000_000_000;
    const clock = new ManualClock({ startAt });
    const source = new TestTokenSource({
      answer: () => {
        clock.advance(2 * SECOND);
        return { tokenType: "MAC", scope: "orders" };
      },
    });
    const token = await new TokenCache({ clock }).getToken(source);
    expect(token).toMatchObject({ value: "token-1", tokenType: "MAC", scope: "orders" });
    expect(token).toMatchObject({ issuedAt: startAt, expiresAt: startAt + 60 * MINUTE });
  });

  test("keeps identities apart", async () => {
    const cache = new TokenCache();
    const answerWith = (value: string) => () => ({ value });
    const [a, b] = await Promise.all([
      cache.getToken(new TestTokenSource({ key: "a", answer: answerWith("for-a") })),
      cache.getToken(new TestTokenSource({ key: "b", answer: answerWith("for-b") })),
    ]);
    expect([a.value, b.value]).toEqual(["for-a", "for-b"]);
  });

  test("case 30: shares nothing with another cache in the process", async () => {
    const source = new TestTokenSource();
    const [one, other] = [new TokenCache(), new TokenCache()];
    const token = await one.getToken(source);
    expect(other.peek(source)).toBeUndefined();
    expect((await other.getToken(source)).value).toBe("token-2");
    await other.close();
    expect(await one.getToken(source)).toBe(token);
    expect(one.serverClock(source)).not.toBe(other.serverClock(source));
  });

  test("rejects, and does not throw, if the source cannot name its key", async () => {
    const error = new TokenError("invalid_options", { message: "Give the option clientId." });
    const source = Object.defineProperty(new TestTokenSource(), "key", {
      get: () => {
        throw error;
      },
    });
    expect(await failureOf(new TokenCache().getToken(source))).toBe(error);
  });

  test.each<keyof TokenCacheOptions>(["maxIdentities", "flightTimeoutMs", "maxAttempts", "maxConcurrentIssues"])(
    "accepts only whole numbers above 0 for %s",
    (option) => {
      for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "8", null]) {
        const isDefault = wrong === null;
        const make = () => new TokenCache({ [option]: wrong });
        if (isDefault) expect(make).not.toThrow();
        else
          expect(make).toThrow(
            expect.objectContaining({ code: "invalid_options", message: expect.stringContaining(option) }),
          );
      }
    },
  );
});

test("takes no option from a polluted prototype (case 46)", async () => {
  const events: unknown[] = [];
  Object.defineProperty(Object.prototype, "observer", {
    configurable: true,
    value: (event: unknown) => events.push(event),
  });
  try {
    await using cache = new TokenCache({ clock: new ManualClock() });
    await cache.getToken(new TestTokenSource());
  } finally {
    Reflect.deleteProperty(Object.prototype, "observer");
  }
  expect(events).toEqual([]);
});

describe("a cached token's hot path", () => {
  test("returns the same promise, and reads the wall clock once and the monotonic one never", async () => {
    const { get, readsOf } = await vouchedCache();
    const promise = get();
    for (let call = 0; call < 10; call++) expect(readsOf(() => expect(get()).toBe(promise))).toEqual(HOT);
  });

  test("reads both clocks once a second", async () => {
    const { get, time, readsOf } = await vouchedCache();
    time.advance(999);
    expect(readsOf(get)).toEqual(HOT);
    time.advance(1);
    expect(readsOf(get)).toEqual(FULL);
    expect(readsOf(get)).toEqual(HOT);
  });

  test("reads both clocks when the wall clock was stepped back by a millisecond, or forward", async () => {
    const { get, time, readsOf } = await vouchedCache();
    time.stepWall(-1);
    expect(readsOf(get)).toEqual(FULL);
    expect(readsOf(get)).toEqual(HOT);
    time.stepWall(5 * SECOND);
    expect(readsOf(get)).toEqual(FULL);
  });

  test("ends exactly when the token becomes stale", async () => {
    const { get, time, readsOf, source } = await vouchedCache();
    time.advance(50 * MINUTE - 10);
    expect(readsOf(get)).toEqual(FULL);
    time.advance(9);
    expect(readsOf(get)).toEqual(HOT);
    expect(source.issues).toBe(1);
    time.advance(1);
    get();
    expect(source.issues).toBe(2);
  });
});

describe("peek", () => {
  test("shows the usable token, and sends nothing", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock });
    const source = new TestTokenSource();
    expect(cache.peek(source)).toBeUndefined();
    const token = await cache.getToken(source);
    clock.advance(59 * MINUTE - 1);
    expect(cache.peek(source)).toBe(token);
    clock.advance(1);
    expect(cache.peek(source)).toBeUndefined();
    expect(source.issues).toBe(1);
  });
});

describe("invalidate", () => {
  test("drops the token with this id, and no other", async () => {
    const { events, observer } = recorder();
    const cache = new TokenCache({ observer });
    const source = new TestTokenSource();
    const token = await cache.getToken(source);
    await cache.invalidate(source, "0123456789abcdef");
    expect(await cache.getToken(source)).toBe(token);
    await cache.invalidate(source, token.id);
    expect(cache.peek(source)).toBeUndefined();
    expect(events.at(-1)).toMatchObject({ type: "evicted", tokenId: token.id, reason: "invalidated" });
    expect((await cache.getToken(source)).value).toBe("token-2");
    await cache.invalidate(source, token.id);
    expect(cache.peek(source)?.value).toBe("token-2");
  });
});

describe("a cache of many identities", () => {
  const sourceFor = (nth: number) => new TestTokenSource({ key: `tenant-${nth}` });

  test("case 28: holds a bounded number of tokens, and reports which it evicted", async () => {
    const { ofType, observer } = recorder();
    const cache = new TokenCache({ maxIdentities: 500, observer });
    const sources = Array.from({ length: 5_000 }, (_, nth) => sourceFor(nth));
    for (const source of sources) await cache.getToken(source);
    expect(sources.filter((source) => cache.peek(source) !== undefined)).toHaveLength(500);
    const evicted = ofType("evicted");
    expect(evicted).toHaveLength(4_500);
    expect(new Set(evicted.map(({ key }) => key)).size).toBe(4_500);
    expect(evicted.every(({ reason, tokenId }) => reason === "capacity" && /^[0-9a-f]{16}$/.test(tokenId))).toBe(true);
  });

  test("case 28: keeps the tokens in use, and requests them once, while thousands of others pass through", async () => {
    const cache = new TokenCache({ maxIdentities: 50 });
    const used = Array.from({ length: 10 }, (_, nth) => sourceFor(-1 - nth));
    for (let nth = 0; nth < 3_000; nth++) {
      for (const source of used) await cache.getToken(source);
      await cache.getToken(sourceFor(nth));
    }
    expect(used.map((source) => source.issues)).toEqual(used.map(() => 1));
  });

  test("does not forget a running flight when its identity is evicted", async () => {
    const cache = new TokenCache({ maxIdentities: 1, clock: new ManualClock() });
    const { answer, release } = heldAnswer();
    const slow = new TestTokenSource({ key: "slow", answer });
    const first = cache.getToken(slow);
    for (let nth = 0; nth < 5; nth++) await cache.getToken(sourceFor(nth));
    const second = cache.getToken(slow);
    release();
    expect(await first).toBe(await second);
    expect(slow.issues).toBe(1);
  });
});

test("sources that are asked in turn keep their own tokens, through hits, a dropped token and an eviction", async () => {
  const cache = new TokenCache({ clock: new ManualClock(), maxIdentities: 2 });
  const [one, two, three] = ["one", "two", "three"].map(
    (key) => new TestTokenSource({ key, answer: (nth) => ({ value: `${key}-${nth}` }) }),
  ) as [TestTokenSource, TestTokenSource, TestTokenSource];
  const values = async (...sources: TestTokenSource[]) => {
    const got: string[] = [];
    for (const source of sources) got.push((await cache.getToken(source)).value);
    return got;
  };
  expect(await values(one, one, two, two, one, two)).toEqual(["one-1", "one-1", "two-1", "two-1", "one-1", "two-1"]);
  await cache.invalidate(two, cache.peek(two)?.id ?? "");
  expect(await values(one, two, two, one)).toEqual(["one-1", "two-2", "two-2", "one-1"]);
  expect(await values(three, three, one, two, three)).toHaveLength(5);
  expect(await values(three, three)).toEqual([`three-${three.issues}`, `three-${three.issues}`]);
  await cache.close();
  await expect(cache.getToken(three)).rejects.toMatchObject({ code: "closed" });
});
