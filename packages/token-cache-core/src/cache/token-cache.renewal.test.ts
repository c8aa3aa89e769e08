import { describe, expect, test } from "vitest";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import {
  agedCache,
  failing,
  failureOf,
  heldAnswer,
  MINUTE,
  pass,
  SECOND,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

describe("a stale token", () => {
  test("is served at once, while exactly one renewal runs in the background", async () => {
    const { answer, release } = heldAnswer();
    const { get, source, token, seen } = await agedCache(50 * MINUTE, answer);
    const answers = await Promise.all(Array.from({ length: 1_000 }, get));
    expect(new Set(answers)).toEqual(new Set([token]));
    expect(source.issues).toBe(2);
    expect(seen.ofType("flight_started").at(-1)).toMatchObject({ reason: "stale", background: true });
    release();
    await settle();
    expect((await get()).value).toBe("token-2");
    expect(source.issues).toBe(2);
  });

  test("case 5, case 6: is served until its hard window though every renewal fails, without an unhandled rejection", async () => {
    const { clock, get, source, token } = await agedCache(50 * MINUTE, failing("provider_unavailable"));
    const asked: number[] = [];
    for (let second = 0; second < 9 * 60; second++) {
      const before = source.issues;
      expect(await get()).toBe(token);
      await settle();
      if (source.issues > before) asked.push(second);
      await pass(clock, SECOND, 100);
    }
    const failure = failureOf(get());
    await pass(clock, SECOND, 100);
    expect((await failure).code).toBe("provider_unavailable");

    const gaps = asked.slice(1).map((at, nth) => at - (asked[nth] ?? 0));
    expect(gaps[0]).toBeLessThanOrEqual(3);
    // From one second up to half a minute, spread over the upper half.
    expect(Math.max(...gaps.slice(0, 2))).toBeLessThan(Math.min(...gaps.slice(4)));
    expect(Math.min(...gaps.slice(6))).toBeGreaterThanOrEqual(15);
    expect(asked.length).toBeLessThan(45);
  });

  test("case 5: is renewed in the background as soon as the provider is back", async () => {
    const { clock, get, source, token } = await agedCache(50 * MINUTE, failing("network"));
    expect(await get()).toBe(token);
    await pass(clock, 2 * MINUTE);
    source.answer = () => ({});
    expect(await get()).toBe(token);
    await settle();
    expect((await get()).value).toBe(`token-${source.issues}`);
  });

  test("case 6: stays in use if its renewal fails permanently, without another request at once", async () => {
    const { clock, get, source, token } = await agedCache(50 * MINUTE, failing("invalid_credentials"));
    for (let call = 0; call < 1_000; call++) {
      expect(await get()).toBe(token);
      await pass(clock, 60, 60);
    }
    expect(source.issues - 1).toBeLessThanOrEqual(5);
  });

  test("is not served once it has expired: callers join the running flight", async () => {
    const { answer, release } = heldAnswer();
    const { clock, get, source, token } = await agedCache(59 * MINUTE - 1, answer);
    expect(await get()).toBe(token);
    clock.advance(1);
    const call = get();
    release();
    expect((await call).value).toBe("token-2");
    expect(source.issues).toBe(2);
  });

  test("case 25: identities that got their tokens at one moment are renewed minutes apart", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, maxConcurrentIssues: 1_000 });
    const policy = { softWindow: { ms: 20 * MINUTE }, hardWindow: { ms: MINUTE } };
    const sources = Array.from({ length: 1_000 }, (_, nth) => new TestTokenSource({ key: `k${nth}`, policy }));
    const getAll = () => Promise.all(sources.map((source) => cache.getToken(source)));
    await getAll();
    const renewed: number[] = [];
    for (let minute = 0; minute < 55; minute++) {
      clock.advance(MINUTE);
      await getAll();
      await settle();
      const sum = renewed.reduce((total, count) => total + count, 0);
      renewed.push(sources.filter((source) => source.issues > 1).length - sum);
    }
    expect(renewed.slice(0, 39)).toEqual(Array(39).fill(0));
    expect(renewed.reduce((total, count) => total + count, 0)).toBe(1_000);
    // About a tenth in each of ten minutes.
    expect(Math.max(...renewed)).toBeLessThan(200);
  });
});

describe("forceRefresh", () => {
  test("sends one request for all its callers, though the token is fresh", async () => {
    const { source, cache, get } = await agedCache(MINUTE);
    const forced = await Promise.all(Array.from({ length: 20 }, () => cache.getToken(source, { forceRefresh: true })));
    expect(new Set(forced.map(({ value }) => value))).toEqual(new Set(["token-2"]));
    expect(source.issues).toBe(2);
    expect(await get()).toBe(forced[0]);
  });

  test("leaves the token in place when it fails", async () => {
    const { source, cache, get, token } = await agedCache(MINUTE, failing("ip_not_allowed"));
    expect((await failureOf(cache.getToken(source, { forceRefresh: true }))).code).toBe("ip_not_allowed");
    expect(await get()).toBe(token);
  });

  test("joins the background refresh", async () => {
    const { source, cache, get } = await agedCache(50 * MINUTE);
    get();
    expect((await cache.getToken(source, { forceRefresh: true })).value).toBe("token-2");
    expect(source.issues).toBe(2);
  });
});
