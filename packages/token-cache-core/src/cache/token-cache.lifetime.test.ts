import { describe, expect, test } from "vitest";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import {
  agedCache,
  failureOf,
  HOUR,
  heldAnswer,
  MINUTE,
  pass,
  recorder,
  SECOND,
  STEADY_POLICY,
  settle,
  TestTokenSource,
} from "./token-source.test-support.ts";

describe("the same token coming back", () => {
  const EXTENDING = { ...STEADY_POLICY, extendsSameToken: true };
  const SAME = () => ({ value: "token-1" });

  test("case 3: is requested a bounded number of times until it expires, and is never served after that", {
    tags: ["slow"],
  }, async () => {
    const clock = new ManualClock();
    const { ofType, observer } = recorder();
    const cache = new TokenCache({ clock, observer });
    let bornAt = 0;
    let generation = 1;
    // A provider that has one token at a time, and always names its full lifetime.
    const source = new TestTokenSource({
      answer: () => {
        if (clock.monotonic() >= bornAt + HOUR) {
          bornAt = clock.monotonic();
          generation++;
        }
        return { value: `generation-${generation}` };
      },
    });
    for (let second = 0; second < 3 * 60 * 60; second++) {
      const { value } = await cache.getToken(source);
      const dead = clock.monotonic() >= bornAt + HOUR;
      expect({ second, dead: dead && value === `generation-${generation}` }).toEqual({ second, dead: false });
      await settle();
      clock.advance(SECOND);
    }
    await settle();
    expect(generation).toBe(3);
    expect(ofType("issued")).toHaveLength(3);
    // Ten minutes before the end, and then after half of the remaining life each time, down to two seconds.
    expect(source.issues).toBeLessThanOrEqual(3 * 12);
    expect(ofType("unchanged").length).toBe(source.issues - 3);
  });

  test("case 3: expires on time, though its last renewal was answered just after", async () => {
    const { answer, release } = heldAnswer();
    const policy = { ...STEADY_POLICY, hardWindow: { ms: SECOND } };
    const { clock, get, source, token } = await agedCache(HOUR - 3 * SECOND, answer, policy);
    const sentAt = { wall: clock.wall(), monotonic: clock.monotonic() };
    await get();
    clock.advance(5 * SECOND);
    const late = get();
    release({ value: token.value, sentAt });
    await late;
    source.answer = () => ({});
    expect((await get()).value).toBe("token-3");
  });

  test("case 3: is reported as unchanged, with its earlier expiry", async () => {
    const { source, get, seen, token, cache } = await agedCache(52 * MINUTE, SAME);
    await get();
    await settle();
    const after = await get();
    expect(after).toMatchObject({ id: token.id, expiresAt: token.expiresAt });
    expect(seen.ofType("unchanged")).toEqual([
      expect.objectContaining({ tokenId: token.id, expiresAt: token.expiresAt }),
    ]);
    expect(source.issues).toBe(2);
    expect(cache.peek(source)).toBe(after);
  });

  test("lives as long as it says if the provider is known to extend it", async () => {
    const { clock, get, source, token, seen } = await agedCache(56 * MINUTE, SAME, EXTENDING);
    await get();
    await settle();
    const extended = await get();
    expect(extended.id).toBe(token.id);
    expect(extended.expiresAt).toBe(token.expiresAt + 56 * MINUTE);
    clock.advance(50 * MINUTE - 1);
    expect(await get()).toBe(extended);
    expect(source.issues).toBe(2);
    expect(seen.types()).not.toContain("renewal_failed");
  });

  test("case 4: a token that expires on its way is requested again, without a loop", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock });
    const source = new TestTokenSource({
      answer: () => {
        clock.advance(3 * SECOND);
        return { value: "late", lifetimeMs: 2 * SECOND };
      },
    });
    const calls = Promise.all([failureOf(cache.getToken(source)), failureOf(cache.getToken(source))]);
    await pass(clock, 5 * SECOND);
    expect((await calls).map(({ code }) => code)).toEqual(["timeout", "timeout"]);
    expect(source.issues).toBe(3);
    source.answer = () => ({ value: "late" });
    await pass(clock, MINUTE);
    for (let call = 0; call < 100; call++) expect((await cache.getToken(source)).value).toBe("late");
    expect(source.issues).toBe(4);
  });
});

describe("a clock that is not steady", () => {
  test.each<[string, number, number, string]>([
    ["the machine slept past the token's end", 0, 2 * HOUR, "token-2"],
    ["the wall clock was stepped forward past it", MINUTE, 3 * HOUR, "token-2"],
    ["the wall clock was stepped back before its start", MINUTE, -3 * HOUR, "token-1"],
    ["the wall clock was stepped back, but the time is over", HOUR, -3 * HOUR, "token-2"],
  ])("serves no token that may have expired: %s", async (_, advanceMs, stepMs, expected) => {
    const { clock, get } = await agedCache(0);
    await get();
    clock.advance(advanceMs);
    clock.stepWall(stepMs);
    expect((await get()).value).toBe(expected);
  });

  test("causes one request, and not one per call, after a step forward by a year", async () => {
    const { clock, get, source } = await agedCache(0);
    clock.stepWall(365 * 24 * HOUR);
    for (let minute = 0; minute < 49; minute++) {
      await get();
      clock.advance(MINUTE);
    }
    expect(source.issues).toBe(2);
  });
});

describe("case 12: a busy caller of tokens that live", () => {
  const WINDOWS = { softWindow: { ms: 30 * MINUTE }, hardWindow: { ms: MINUTE } };
  const LIFETIMES = 5;

  test.each([1, 30, 60, 61, 300, 1_800, 3_599, 10_800, 31_535_999])(
    "%i s sends one or two requests per lifetime, and gets no expired token",
    async (seconds) => {
      const lifetimeMs = seconds * SECOND;
      const clock = new ManualClock();
      const cache = new TokenCache({ clock });
      const endsAt = new Map<string, number>();
      const source = new TestTokenSource({
        policy: WINDOWS,
        answer: (nth) => {
          endsAt.set(`token-${nth}`, clock.monotonic() + lifetimeMs);
          return { lifetimeMs };
        },
      });
      for (let step = 0; step < LIFETIMES * 300; step++) {
        const { value } = await cache.getToken(source);
        expect(endsAt.get(value)).toBeGreaterThan(clock.monotonic());
        await settle();
        clock.advance(lifetimeMs / 300);
      }
      expect(source.issues).toBeGreaterThanOrEqual(LIFETIMES);
      expect(source.issues).toBeLessThanOrEqual(2 * LIFETIMES + 1);
      expect(clock.pendingTimers).toBe(0);
    },
  );

  test("0 s gets an error, and sends a bounded number of requests", async () => {
    const clock = new ManualClock();
    const cache = new TokenCache({ clock });
    const source = new TestTokenSource({ answer: () => ({ lifetimeMs: 0 }) });
    for (let call = 0; call < 1_000; call++) {
      const failure = failureOf(cache.getToken(source));
      await pass(clock, 60, 60);
      if (call % 100 === 99) await pass(clock, 600, 60);
      failure.catch(() => {});
    }
    expect(source.issues).toBeLessThan(100);
    expect(cache.peek(source)).toBeUndefined();
  });
});
