import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RenewalPolicy } from "../contract/renewal-policy.ts";
import type { Instant } from "../time/clock.ts";
import { freshness, lifeOfSameToken, remainingMs, type TokenLife, tokenLife } from "./freshness.ts";
import { anyPolicy, HOUR, MINUTE, SECOND, STEADY_POLICY } from "./token-source.test-support.ts";

const START: Instant = { wall: 1_700_000_000_000, monotonic: 5_000 };
const anyLifetime = fc.integer({ min: 1, max: 10 * 365 * 24 * HOUR });
const anyRandom = fc.double({ min: 0, max: 1, noNaN: true });
const anyStep = fc.integer({ min: -100 * HOUR, max: 100 * HOUR });
/** A moment in a token's life, a little past its end included. */
const anyShare = fc.double({ min: 0, max: 1.5, noNaN: true });

/** The moment after `ms`, on both clocks. */
const after = (ms: number, from: Instant = START): Instant => ({
  wall: from.wall + ms,
  monotonic: from.monotonic + ms,
});
const hourLife = (policy: RenewalPolicy = STEADY_POLICY, startedAt = START) => tokenLife(policy, startedAt, HOUR, 0);

describe("freshness", () => {
  test.each([
    [0, "fresh"],
    [50 * MINUTE - 1, "fresh"],
    [50 * MINUTE, "stale"],
    [59 * MINUTE - 1, "stale"],
    [59 * MINUTE, "expired"],
    [HOUR, "expired"],
  ])("of an hour's token at the age of %i ms is %s", (ageMs, expected) => {
    expect(freshness(hourLife(), after(ageMs))).toBe(expected);
  });

  test("case 12: is expired from the end of life on, for any policy, lifetime and step of the wall clock", () => {
    fc.assert(
      fc.property(anyPolicy, anyLifetime, anyRandom, anyStep, anyShare, (policy, lifetimeMs, random, stepMs, share) => {
        const life = tokenLife(policy, START, lifetimeMs, random);
        const atEnd = after(Math.ceil(lifetimeMs * (1 + share)));
        expect(freshness(life, { ...atEnd, wall: atEnd.wall + stepMs })).toBe("expired");
      }),
    );
  });

  test("is expired when the machine slept past the end, and only the wall clock shows it", () => {
    expect(freshness(hourLife(), { wall: START.wall + HOUR, monotonic: START.monotonic + SECOND })).toBe("expired");
  });

  test("only ever goes from fresh to stale to expired as a token ages", () => {
    const order = ["fresh", "stale", "expired"];
    fc.assert(
      fc.property(anyPolicy, anyLifetime, anyRandom, anyShare, anyShare, (policy, lifetimeMs, random, a, b) => {
        const life = tokenLife(policy, START, lifetimeMs, random);
        const [younger, older] = [Math.min(a, b), Math.max(a, b)].map((share) =>
          freshness(life, after(share * lifetimeMs)),
        );
        expect(order.indexOf(younger ?? "")).toBeLessThanOrEqual(order.indexOf(older ?? ""));
      }),
    );
  });

  test("the remaining life is that of the clock on which less is left", () => {
    const life = hourLife();
    expect(remainingMs(life, after(20 * MINUTE))).toBe(40 * MINUTE);
    expect(remainingMs(life, { ...after(20 * MINUTE), wall: START.wall - HOUR })).toBe(40 * MINUTE);
    expect(remainingMs(life, { ...after(20 * MINUTE), wall: START.wall + 2 * HOUR })).toBe(-HOUR);
  });
});

describe("the life of a token that the provider sent again", () => {
  /** The same token comes at `ageMs`, said to live `againMs` from then. */
  const sentAgain = (ageMs: number, againMs: number, policy: RenewalPolicy = STEADY_POLICY) => {
    const now = after(ageMs);
    return { now, life: lifeOfSameToken(policy, hourLife(policy), tokenLife(policy, now, againMs, 0), now) };
  };
  const EXTENDING = { ...STEADY_POLICY, extendsSameToken: true };

  test("case 3: keeps the earlier expiry, though the provider names a full lifetime again", () => {
    const { now, life } = sentAgain(51 * MINUTE, HOUR);
    expect(remainingMs(life, now)).toBe(9 * MINUTE);
  });

  test("takes the later expiry of a provider that is known to extend", () => {
    const { now, life } = sentAgain(56 * MINUTE, HOUR, EXTENDING);
    expect(remainingMs(life, now)).toBe(HOUR);
    expect(freshness(life, after(50 * MINUTE, now))).toBe("stale");
  });

  test("treats a difference of a second as rounding, not as an extension", () => {
    const { now, life } = sentAgain(51 * MINUTE, 9 * MINUTE + SECOND, EXTENDING);
    expect(remainingMs(life, now)).toBe(9 * MINUTE);
    expect(freshness(life, now)).toBe("fresh");
  });

  test("takes an earlier expiry than the known one in any case", () => {
    const { now, life } = sentAgain(10 * MINUTE, 20 * MINUTE, EXTENDING);
    expect(remainingMs(life, now)).toBe(20 * MINUTE);
  });

  test("case 4: believes the provider about a token that is expired by the clocks here", () => {
    const { now, life } = sentAgain(2 * HOUR, 30 * MINUTE);
    expect(remainingMs(life, now)).toBe(30 * MINUTE);
    expect(freshness(life, now)).toBe("fresh");
  });

  test("case 34: is used for a few seconds if it has just expired by our count", () => {
    for (const overMs of [0, 5 * SECOND, MINUTE - 1]) {
      const { now, life } = sentAgain(HOUR + overMs, HOUR);
      expect(remainingMs(life, now)).toBe(5 * SECOND);
    }
    const { now, life } = sentAgain(HOUR + 5 * SECOND, SECOND);
    expect(remainingMs(life, now)).toBe(SECOND);
  });

  test("case 34: does not begin a short life anew, after a step of the wall clock", () => {
    const known = tokenLife(STEADY_POLICY, START, 5 * SECOND, 0);
    const now = { wall: START.wall + 6 * SECOND, monotonic: START.monotonic + 2 * SECOND };
    const life = lifeOfSameToken(STEADY_POLICY, known, tokenLife(STEADY_POLICY, now, 5 * SECOND, 0), now);
    expect(remainingMs(life, { wall: START.wall, monotonic: START.monotonic + 5 * SECOND })).toBe(0);
  });

  test("case 34: lives until its end by the monotonic clock, after a step of the wall clock", () => {
    const stepped = (ageMs: number): Instant => ({
      wall: START.wall + ageMs + 40 * MINUTE,
      monotonic: START.monotonic + ageMs,
    });
    const again = (known: TokenLife, ageMs: number) =>
      lifeOfSameToken(STEADY_POLICY, known, tokenLife(STEADY_POLICY, stepped(ageMs), HOUR, 0), stepped(ageMs));
    const atItsEnd = again(hourLife(), 20 * MINUTE);
    expect(remainingMs(atItsEnd, stepped(20 * MINUTE))).toBe(5 * SECOND);
    const later = 22 * MINUTE;
    expect(remainingMs(again(atItsEnd, later), stepped(later))).toBe(HOUR - later);
  });

  test("case 40: a token of a year is at its end for longer, since clocks drift", () => {
    const YEAR = 365 * 24 * HOUR;
    const sentAgainAfter = (overMs: number) => {
      const now = after(YEAR + overMs);
      const known = tokenLife(STEADY_POLICY, START, YEAR, 0);
      return remainingMs(lifeOfSameToken(STEADY_POLICY, known, tokenLife(STEADY_POLICY, now, YEAR, 0), now), now);
    };
    expect(sentAgainAfter(1.75 * HOUR)).toBe(5 * SECOND);
    expect(sentAgainAfter(1.76 * HOUR)).toBe(YEAR);
  });

  test("case 3: is expired if it was requested in time and came too late, though a full lifetime is named again", () => {
    const sentAt = after(HOUR - SECOND);
    const life = lifeOfSameToken(
      STEADY_POLICY,
      hourLife(),
      tokenLife(STEADY_POLICY, sentAt, HOUR, 0),
      after(HOUR + SECOND),
    );
    expect(freshness(life, after(HOUR + SECOND))).toBe("expired");
  });

  test("case 3: is fresh again for half of the remaining life, so that no request follows at once", () => {
    const { now, life } = sentAgain(52 * MINUTE, HOUR);
    expect(freshness(life, after(4 * MINUTE - 1, now))).toBe("fresh");
    expect(freshness(life, after(4 * MINUTE, now))).toBe("stale");
  });

  test("does not become stale earlier than it would have been", () => {
    const { life } = sentAgain(MINUTE, HOUR);
    expect(life.staleAfterMs).toBe(50 * MINUTE);
  });

  test("case 3: stays usable inside the hard window until its expiry, since there is no better one", () => {
    const { now, life } = sentAgain(59 * MINUTE + 10 * SECOND, HOUR);
    expect(freshness(life, now)).toBe("fresh");
    expect(freshness(life, after(HOUR - 1))).toBe("stale");
    expect(freshness(life, after(HOUR))).toBe("expired");
  });

  test("is not renewed in its last two seconds", () => {
    const { life } = sentAgain(HOUR - 1_900, HOUR);
    expect(freshness(life, after(HOUR - 1))).toBe("fresh");
    expect(freshness(life, after(HOUR))).toBe("expired");
  });

  test("is never fresh without being usable, and never usable after its end, for any policy and moment", () => {
    const share = fc.double({ min: 0, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(anyPolicy, anyLifetime, anyRandom, share, anyLifetime, (policy, lifetimeMs, random, age, againMs) => {
        const now = after(lifetimeMs * age);
        const held = tokenLife(policy, START, lifetimeMs, random);
        const life = lifeOfSameToken(policy, held, tokenLife(policy, now, againMs, random), now);
        expect(life.staleAfterMs).toBeLessThanOrEqual(life.unusableAfterMs);
        expect(life.unusableAfterMs).toBeLessThanOrEqual(life.lifetimeMs);
        expect(freshness(life, now)).not.toBe("expired");
      }),
      { numRuns: 1_000 },
    );
  });
});
