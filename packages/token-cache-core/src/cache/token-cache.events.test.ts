import { describe, expect, test } from "vitest";
import { ManualClock } from "../testing/index.ts";
import { TokenCache } from "./token-cache.ts";
import { failureOf, MINUTE, recorder, SECOND, settle, TestTokenSource } from "./token-source.test-support.ts";

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
    await cache.getToken(source, { refusedTokenId: cache.peek(source)?.id });
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
    await failureOf(cache.getToken(source, { refusedTokenId: token.id }));
    await cache.invalidate(source, token.id);
    expect(events.length).toBeGreaterThan(5);
    expect(JSON.stringify(events)).not.toContain("canary-token");
  });

  test("that throws does not affect the callers", async () => {
    const observer = () => {
      throw new Error("observer");
    };
    const clock = new ManualClock();
    const cache = new TokenCache({ clock, observer, maxIdentities: 1 });
    const source = new TestTokenSource();
    const token = await cache.getToken(source);
    expect(await cache.getToken(source)).toBe(token);
    expect((await cache.getToken(source, { refusedTokenId: token.id })).value).toBe("token-2");
    await cache.getToken(new TestTokenSource({ key: "other" }));
    clock.advance(SECOND);
    await cache.close();
  });

  test("receives the event of a synced clock, with its host", async () => {
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
    expect(ofType("clock_synced")).toEqual([
      { type: "clock_synced", origin, provider, offset: { lowerMs: MINUTE, upperMs: MINUTE + SECOND } },
    ]);
    const sibling = new TestTokenSource({ key: "sibling" });
    expect(cache.serverClock(sibling)).toBe(cache.serverClock(source));
  });
});
