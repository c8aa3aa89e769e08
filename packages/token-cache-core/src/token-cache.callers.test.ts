import { describe, expect, test } from "vitest";
import { ManualClock } from "./testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import {
  failureOf,
  heldAnswer,
  MINUTE,
  NEVER,
  pass,
  recorder,
  SECOND,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

/** Five callers who wait for one flight, each able to abort. */
function fiveCallers() {
  const { answer, release } = heldAnswer();
  const source = new TestTokenSource({ answer });
  const cache = new TokenCache({ clock: new ManualClock() });
  const stops = Array.from({ length: 5 }, () => new AbortController());
  const calls = stops.map(({ signal }) => cache.getToken(source, { signal }).then(({ value }) => value, String));
  const abort = (nth: number) => stops[nth]?.abort(`abort of ${nth}`);
  return { cache, source, release, calls, abort };
}

describe("case 7: a caller who aborts", () => {
  test.each([
    ["the first", [0]],
    ["a middle one", [2]],
    ["the last", [4]],
    ["two", [1, 3]],
    ["all", [0, 1, 2, 3, 4]],
  ])("sees its own reason, and nobody else does: %s", async (_, aborted) => {
    const { cache, source, release, calls, abort } = fiveCallers();
    await settle();
    for (const nth of aborted) abort(nth);
    release();
    const expected = [0, 1, 2, 3, 4].map((nth) => (aborted.includes(nth) ? `abort of ${nth}` : "token-1"));
    expect(await Promise.all(calls)).toEqual(expected);
    await settle();
    // The flight belongs to no caller: it goes on, and its token is kept.
    expect(cache.peek(source)?.value).toBe("token-1");
    expect(source.issues).toBe(1);
  });

  test("does not abort the request", async () => {
    let signal: AbortSignal | undefined;
    const source = new TestTokenSource({
      answer: (nth, context) => {
        signal = context.signal;
        return NEVER(nth, context);
      },
    });
    const stop = new AbortController();
    const call = new TokenCache({ clock: new ManualClock() }).getToken(source, { signal: stop.signal });
    stop.abort(new Error("mine"));
    await expect(call).rejects.toThrow("mine");
    expect(signal?.aborted).toBe(false);
  });

  test("before calling gets its reason, and starts nothing; a fresh token does not change that", async () => {
    const cache = new TokenCache();
    const source = new TestTokenSource();
    const signal = AbortSignal.abort(new Error("already"));
    await expect(cache.getToken(source, { signal })).rejects.toThrow("already");
    expect(source.issues).toBe(0);
    await cache.getToken(source);
    await expect(cache.getToken(source, { signal })).rejects.toThrow("already");
  });

  test("leaves no listener on its signal", async () => {
    const stop = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = stop.signal;
    stop.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(stop.signal, args);
    };
    stop.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(stop.signal, args);
    };
    const { answer, release } = heldAnswer();
    const cache = new TokenCache();
    const source = new TestTokenSource({ answer });
    const calls = Array.from({ length: 20 }, () => cache.getToken(source, { signal: stop.signal }));
    expect(listeners).toBe(20);
    release();
    await Promise.all(calls);
    await settle();
    expect(listeners).toBe(0);
  });
});

describe("closing a cache", () => {
  test("ends all flights: whoever waits hears of it, and the source is told to stop", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock });
    let signal: AbortSignal | undefined;
    const answer: TestTokenSource["answer"] = (nth, context) => {
      signal = context.signal;
      return NEVER(nth, context);
    };
    const sources = ["a", "b", "c"].map((key) => new TestTokenSource({ key, answer }));
    const calls = sources.map((source) => failureOf(cache.getToken(source)));
    await settle();
    await cache.close();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["closed", "closed", "closed"]);
    expect(signal?.reason).toMatchObject({ code: "closed" });
    await settle();
    expect(clock.pendingTimers).toBe(0);
  });

  test("ends a flight that waits between two attempts, and those that stand in line", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, maxConcurrentIssues: 1 });
    const failingSource = new TestTokenSource({ key: "a", answer: () => Promise.reject(new Error("x")) });
    const inLine = new TestTokenSource({ key: "b" });
    const calls = [failureOf(cache.getToken(failingSource)), failureOf(cache.getToken(inLine))];
    await cache.close();
    expect((await Promise.all(calls)).map(({ code }) => code)).toEqual(["closed", "closed"]);
    await pass(clock, MINUTE);
    expect(inLine.issues).toBe(0);
    expect(clock.pendingTimers).toBe(0);
  });

  test("forgets all tokens, and answers every later call with the same error", async () => {
    const cache = new TokenCache();
    const source = new TestTokenSource();
    const token = await cache.getToken(source);
    await cache.getToken(source);
    await cache.close();
    await cache.close();
    expect(cache.peek(source)).toBeUndefined();
    for (const options of [undefined, {}, { forceRefresh: true }, { refused: token.id }]) {
      expect((await failureOf(cache.getToken(source, options))).code).toBe("closed");
    }
    await cache.invalidate(source, token.id);
    expect(source.issues).toBe(1);
  });

  test("keeps no token that arrives in the very moment of closing", async () => {
    const cache = new TokenCache();
    const { answer, release } = heldAnswer();
    const source = new TestTokenSource({ answer });
    const call = failureOf(cache.getToken(source));
    await settle();
    release();
    // Between the answer's arrival and its being kept there are a few turns; close in each of them.
    for (let turn = 0; turn < 3; turn++) await Promise.resolve();
    await cache.close();
    expect((await call).code).toBe("closed");
    await settle();
    expect(cache.peek(source)).toBeUndefined();
  });

  test("happens at the end of an `await using` block", async () => {
    const source = new TestTokenSource();
    let kept: TokenCache;
    {
      await using cache = new TokenCache();
      kept = cache;
      await cache.getToken(source);
    }
    expect((await failureOf(kept.getToken(source))).code).toBe("closed");
  });
});

describe("an observer", () => {
  test("sees what happens to a token from issue to refusal, with durations and ids", async () => {
    const clock = new ManualClock();
    const { events, observer, types } = recorder();
    const cache = new TokenCache({ clock, observer });
    const source = new TestTokenSource({
      answer: () => {
        clock.advance(120);
        return {};
      },
    });
    const [token] = await Promise.all([cache.getToken(source), cache.getToken(source)]);
    await cache.getToken(source);
    clock.advance(50 * MINUTE);
    await cache.getToken(source);
    await settle();
    await cache.getToken(source, { refused: cache.peek(source)?.id });
    expect(types()).toEqual([
      ...["flight_started", "flight_joined", "issued", "hit"],
      ...["stale_hit", "flight_started", "issued"],
      ...["refused", "flight_started", "issued"],
    ]);
    expect(events[0]).toEqual({
      type: "flight_started",
      reason: "missing",
      background: false,
      provider: source.provider,
      key: source.key,
    });
    expect(events[2]).toMatchObject({ tokenId: token.id, expiresAt: token.expiresAt, durationMs: 120 });
    expect(events[3]).toMatchObject({ tokenId: token.id });
  });

  test("sees each failed attempt, what is served meanwhile, and how long until the next", async () => {
    const clock = new ManualClock();
    const { ofType, observer } = recorder();
    const cache = new TokenCache({ clock, observer, maxAttempts: 2 });
    const source = new TestTokenSource();
    const token = await cache.getToken(source);
    source.answer = () => Promise.reject({ name: "not a TokenError" });
    clock.advance(50 * MINUTE);
    await cache.getToken(source);
    await settle();
    expect(ofType("renewal_failed")).toEqual([
      expect.objectContaining({ code: "invalid_response", servedTokenId: token.id, durationMs: 0 }),
    ]);
  });

  test("case 23: sees no token", async () => {
    const clock = new ManualClock();
    const { events, observer } = recorder();
    const cache = new TokenCache({ clock, observer });
    const source = new TestTokenSource({ answer: () => ({ value: "canary-token" }) });
    const token = await cache.getToken(source);
    await cache.getToken(source);
    await failureOf(cache.getToken(source, { refused: token.id }));
    await cache.invalidate(source, token.id);
    expect(events.length).toBeGreaterThan(5);
    expect(JSON.stringify(events)).not.toContain("canary-token");
  });

  test("that throws is no concern of the callers'", async () => {
    const observer = () => {
      throw new Error("observer");
    };
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, observer, maxIdentities: 1 });
    const source = new TestTokenSource();
    const token = await cache.getToken(source);
    expect(await cache.getToken(source)).toBe(token);
    expect((await cache.getToken(source, { refused: token.id })).value).toBe("token-2");
    await cache.getToken(new TestTokenSource({ key: "other" }));
    clock.advance(SECOND);
    await cache.close();
  });

  test("hears when a host's clock is learnt, and of the host it belongs to", async () => {
    const clock = new ManualClock({ startAt: 1_700_000_000_000 });
    const { ofType, observer } = recorder();
    const cache = new TokenCache({ clock, observer });
    const source = new TestTokenSource({
      answer: (_, context) => {
        const now = { wall: clock.wall(), monotonic: clock.monotonic() };
        context.serverClock.learn({ serverTimeMs: clock.wall() + MINUTE, sentAt: now, receivedAt: now });
        return {};
      },
    });
    await cache.getToken(source);
    const { origin, provider } = source;
    expect(ofType("clock_learnt")).toEqual([
      { type: "clock_learnt", origin, provider, offset: { lowerMs: MINUTE, upperMs: MINUTE + SECOND } },
    ]);
    const sibling = new TestTokenSource({ key: "sibling" });
    expect(cache.serverClock(sibling)).toBe(cache.serverClock(source));
  });
});
