import { describe, expect, test } from "vitest";
import type { TokenError, TokenErrorCode } from "../contract/token-error.ts";
import type { IssuedToken } from "../contract/token-source.ts";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import {
  failing,
  failureOf,
  HOUR,
  heldAnswer,
  MINUTE,
  NEVER,
  pass,
  recorder,
  SECOND,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

function failingCache(code: TokenErrorCode, init: ConstructorParameters<typeof TokenError>[1] | object = {}) {
  const clock = new ManualClock();
  const source = new TestTokenSource({ answer: failing(code, init) });
  const cache = new TokenCache({ clock });
  const recover = () => {
    source.answer = () => ({});
  };
  return { clock, source, cache, recover, get: () => cache.getToken(source) };
}

describe("a transient error", () => {
  test("is retried inside the flight, and the callers do not notice", async () => {
    const { clock, source, get, recover } = failingCache("provider_unavailable");
    const calls = Promise.all([get(), get()]);
    await settle();
    expect(source.issues).toBe(1);
    await pass(clock, 99);
    expect(source.issues).toBe(1);
    await pass(clock, 101);
    expect(source.issues).toBe(2);
    recover();
    await pass(clock, 400);
    expect((await calls).map(({ value }) => value)).toEqual(["token-3", "token-3"]);
  });

  test("ends the flight after three requests, and is then remembered for a while", async () => {
    const { clock, source, get } = failingCache("network");
    const failure = failureOf(get());
    await pass(clock, 600);
    const error = await failure;
    expect(error).toMatchObject({ code: "network", retryable: true });
    expect(source.issues).toBe(3);
    expect(await failureOf(get())).toBe(error);
    expect(source.issues).toBe(3);
  });

  test("is retried less and less often, though the callers never stop", async () => {
    const { clock, source, get, recover } = failingCache("provider_unavailable");
    const asked: number[] = [];
    for (let ms = 0; ms < 5 * MINUTE; ms += 100) {
      const before = source.issues;
      get().catch(() => {});
      await pass(clock, 100, 100);
      if (source.issues > before) asked.push(ms);
    }
    // A flight sends three requests within a second. 2.5 to 5 seconds pass between flights.
    expect(source.issues).toBeGreaterThan(100);
    expect(source.issues).toBeLessThan(360);
    recover();
    await pass(clock, 5 * SECOND);
    expect((await get()).value).toMatch(/^token-/);
  });

  test("the flight waits for Retry-After, to the millisecond", async () => {
    const { clock, source, get, recover } = failingCache("rate_limited", { retryAfterMs: 3 * SECOND });
    const call = get();
    await settle();
    recover();
    await pass(clock, 3 * SECOND - 1);
    expect(source.issues).toBe(1);
    await pass(clock, 1);
    expect((await call).value).toBe("token-2");
  });

  test("a Retry-After beyond the flight's time limit ends it: nothing is sent before then, and a call right after succeeds", async () => {
    const { clock, source, get, recover } = failingCache("rate_limited", { retryAfterMs: 5 * MINUTE });
    const error = await failureOf(get());
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 5 * MINUTE });
    recover();
    for (let second = 0; second < 299; second++) {
      clock.advance(SECOND);
      expect(await failureOf(get())).toBe(error);
    }
    clock.advance(SECOND - 1);
    expect(await failureOf(get())).toBe(error);
    expect(source.issues).toBe(1);
    clock.advance(1);
    expect((await get()).value).toBe("token-2");
  });
});

test.each([
  [12, 2],
  [15, 3],
])("a flight's time limit of %i s includes the pauses of 6 s between its %i attempts", async (seconds, attempts) => {
  const clock = new ManualClock();
  const source = new TestTokenSource({ answer: failing("rate_limited", { retryAfterMs: 6 * SECOND }) });
  const cache = new TokenCache({ clock, flightTimeoutMs: seconds * SECOND, maxAttempts: 10 });
  const failure = failureOf(cache.getToken(source));
  await pass(clock, 60 * SECOND, SECOND);
  expect((await failure).code).toBe("rate_limited");
  expect(source.issues).toBe(attempts);
});

describe("a permanent error", () => {
  test("case 18: a thousand calls within a minute send a handful of requests, and all get the same clear error", async () => {
    const { clock, source, get } = failingCache("invalid_credentials");
    const messages = new Set<string>();
    for (let call = 0; call < 1_000; call++) {
      const { code, message } = await failureOf(get());
      messages.add(`${code}: ${message}`);
      clock.advance(60);
    }
    expect(messages).toEqual(new Set(["invalid_credentials: The test's invalid_credentials."]));
    expect(source.issues).toBeGreaterThanOrEqual(2);
    expect(source.issues).toBeLessThanOrEqual(5);
  });

  test("is retried within a minute, so that a correction is noticed", async () => {
    const { clock, get, recover } = failingCache("invalid_credentials");
    for (let minute = 0; minute < 60; minute++) {
      await failureOf(get());
      clock.advance(MINUTE);
    }
    recover();
    expect((await get()).value).toMatch(/^token-/);
  });

  test("a source's own mistake is one too, and only its name is reported", async () => {
    const { source, get, cache } = failingCache("network");
    source.answer = () => {
      throw new RangeError("canary-secret");
    };
    const error = await failureOf(get());
    expect(error).toMatchObject({ code: "invalid_response", retryable: false, provider: "test-provider" });
    expect(error.message).toContain("RangeError");
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain("canary-secret");
    source.answer = () => Promise.reject("canary-secret");
    const other = new TestTokenSource({ key: "other", answer: source.answer });
    expect((await failureOf(cache.getToken(other))).message).not.toContain("canary-secret");
  });

  test("a wrong renewal policy is one too, before anything is sent", async () => {
    const source = new TestTokenSource({ policy: { softWindow: { share: 2 }, hardWindow: { ms: 0 } } });
    expect(await failureOf(new TokenCache().getToken(source))).toMatchObject({ code: "invalid_options" });
    expect(source.issues).toBe(0);
  });
});

describe("an answer without a valid token", () => {
  const YEAR = 365 * 24 * HOUR;
  test.each<[string, unknown]>([
    ["lifetimeMs", undefined],
    ["lifetimeMs", null],
    ["lifetimeMs", Number.NaN],
    ["lifetimeMs", -1],
    ["lifetimeMs", 0],
    ["lifetimeMs", 11 * YEAR],
    ["lifetimeMs", 1e12 * SECOND],
    ["lifetimeMs", Number.POSITIVE_INFINITY],
    ["lifetimeMs", "3600000"],
    ["value", ""],
    ["value", "two words"],
    ["value", "line\r\nX-Injected: 1"],
    ["value", "토큰"],
    ["value", undefined],
    ["value", 17],
  ])("case 11: is invalid_response if its %s is %o", async (field, wrong) => {
    const answer = () => ({ [field]: wrong }) as Partial<IssuedToken>;
    const cache = new TokenCache({ maxAttempts: 1 });
    const source = new TestTokenSource({ answer });
    expect(await failureOf(cache.getToken(source))).toMatchObject({ code: "invalid_response" });
    expect(cache.peek(source)).toBeUndefined();
  });

  test("case 11: accepts a lifetime of ten years, and one of a millisecond", async () => {
    for (const lifetimeMs of [10 * YEAR, 1]) {
      const token = await new TokenCache({ clock: new ManualClock({ startAt: 0 }) }).getToken(
        new TestTokenSource({ answer: () => ({ lifetimeMs }) }),
      );
      expect(token.expiresAt).toBe(lifetimeMs);
    }
  });
});

describe("a source that hangs", () => {
  test("ends at the flight's time limit for all callers, and its late answer is ignored", async () => {
    const clock = new ManualClock();
    const { answer, release } = heldAnswer();
    const source = new TestTokenSource({ answer });
    const cache = new TokenCache({ clock });
    const calls = [failureOf(cache.getToken(source)), failureOf(cache.getToken(source))];
    await pass(clock, 15 * SECOND - 1);
    expect(cache.getToken(source)).toBeInstanceOf(Promise);
    const last = failureOf(cache.getToken(source));
    clock.advance(1);
    for (const error of await Promise.all([...calls, last])) {
      expect(error).toMatchObject({ code: "timeout", provider: "test-provider", retryable: true });
      expect(error.message).toContain(source.origin);
    }
    release();
    await settle();
    expect(cache.peek(source)).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
  });

  test("is stopped by its signal", async () => {
    const clock = new ManualClock();
    let reason: unknown;
    const source = new TestTokenSource({
      answer: (_, { signal }) =>
        new Promise((_, reject) => {
          signal.addEventListener("abort", () => {
            reason = signal.reason;
            reject(reason);
          });
        }),
    });
    const failure = failureOf(new TokenCache({ clock, flightTimeoutMs: 2_000 }).getToken(source));
    clock.advance(2_000);
    expect(await failure).toMatchObject({ code: "timeout" });
    expect(reason).toMatchObject({ code: "timeout" });
  });

  test("is not asked again by a caller that tries again at once", async () => {
    const clock = new ManualClock();
    const source = new TestTokenSource({ answer: NEVER });
    const cache = new TokenCache({ clock });
    const second = failureOf(cache.getToken(source).catch(() => cache.getToken(source)));
    clock.advance(15 * SECOND);
    expect(await second).toMatchObject({ code: "timeout" });
    expect(source.issues).toBe(1);
  });
});

describe("requests to one origin", () => {
  test("are bounded in number, and other origins do not wait for them", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, maxConcurrentIssues: 4 });
    let running = 0;
    let most = 0;
    const answer = async () => {
      most = Math.max(most, ++running);
      await settle();
      running--;
      return {};
    };
    const calls = Array.from({ length: 30 }, (_, nth) =>
      cache.getToken(new TestTokenSource({ key: `k${nth}`, answer })),
    );
    const elsewhere = new TestTokenSource({ key: "elsewhere", origin: "https://other.test" });
    const order: string[] = [];
    await Promise.all([
      Promise.all(calls).then(() => order.push("here")),
      cache.getToken(elsewhere).then(() => order.push("elsewhere")),
    ]);
    expect(most).toBe(4);
    expect(order).toEqual(["elsewhere", "here"]);
  });

  test("a source that hangs gives its slot to the next at its time limit", async () => {
    const clock = new ManualClock();
    const { ofType, observer } = recorder();
    const cache = new TokenCache({ clock, maxConcurrentIssues: 1, observer });
    const hung = failureOf(cache.getToken(new TestTokenSource({ key: "hung", answer: NEVER })));
    const next = cache.getToken(new TestTokenSource({ key: "next" }));
    await pass(clock, 15 * SECOND);
    expect((await hung).code).toBe("timeout");
    expect((await next).value).toBe("token-1");
    expect(ofType("renewal_failed")).toHaveLength(1);
  });
});

test("eight identities that wait for their next attempt delay no other", async () => {
  const clock = new ManualClock();
  const cache = new TokenCache({ clock, maxConcurrentIssues: 8 });
  const limited = failing("rate_limited", { retryAfterMs: 10 * SECOND });
  const waiting = Array.from({ length: 8 }, (_, nth) => {
    const answer: TestTokenSource["answer"] = (attempt, context) => (attempt === 1 ? limited(attempt, context) : {});
    return new TestTokenSource({ key: `limited-${nth}`, answer });
  });
  const tokens = waiting.map((source) => cache.getToken(source));
  await settle();
  expect((await cache.getToken(new TestTokenSource({ key: "other" }))).value).toBe("token-1");
  await pass(clock, 10 * SECOND);
  expect((await Promise.all(tokens)).map(({ value }) => value)).toEqual(Array(8).fill("token-2"));
});
