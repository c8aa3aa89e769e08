import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyPolicy, HOUR, MINUTE, SECOND } from "../cache/token-source.test-support.ts";
import { checkRenewalPolicy, type RenewalPolicy, renewalSchedule } from "./renewal-policy.ts";
import { TokenError } from "./token-error.ts";

const YEAR = 365 * 24 * HOUR;
const NAMED_LIFETIMES = [1, 30, 60, 61, 300, 1_800, 3_599, 10_800, 31_535_999].map((seconds) => seconds * SECOND);
const anyLifetime = fc.oneof(fc.constantFrom(...NAMED_LIFETIMES), fc.double({ min: 1, max: 10 * YEAR, noNaN: true }));
const anyRandom = fc.double({ min: 0, max: 1, noNaN: true });

describe("a token's renewal schedule", () => {
  test("goes from fresh to stale to unusable to expired, in this order, for any policy and lifetime", () => {
    fc.assert(
      fc.property(anyPolicy, anyLifetime, anyRandom, (policy, lifetimeMs, random) => {
        const { staleAfterMs, unusableAfterMs } = renewalSchedule(policy, lifetimeMs, random);
        expect(staleAfterMs).toBeLessThanOrEqual(unusableAfterMs);
        expect(unusableAfterMs).toBeLessThanOrEqual(lifetimeMs);
      }),
    );
  });

  test("case 3: leaves the first half of the life fresh and nine tenths usable, however wide the policy's margins", () => {
    fc.assert(
      fc.property(anyPolicy, anyLifetime, anyRandom, (policy, lifetimeMs, random) => {
        const { staleAfterMs, unusableAfterMs } = renewalSchedule(policy, lifetimeMs, random);
        expect(staleAfterMs).toBeGreaterThanOrEqual(lifetimeMs * 0.499999);
        expect(unusableAfterMs).toBeGreaterThanOrEqual(lifetimeMs * 0.899999);
      }),
    );
  });

  test("case 3: sends no request before the provider's re-issue window opens, unless the hard window opens earlier", () => {
    fc.assert(
      fc.property(anyPolicy, anyLifetime, anyRandom, (policy, lifetimeMs, random) => {
        const reissue = policy.reissueWindow ?? { share: 1 };
        const opensAfterMs = lifetimeMs - ("ms" in reissue ? reissue.ms : reissue.share * lifetimeMs);
        const { staleAfterMs, unusableAfterMs } = renewalSchedule(policy, lifetimeMs, random);
        expect(staleAfterMs).toBeGreaterThanOrEqual(Math.min(opensAfterMs, unusableAfterMs) - 1e-3);
      }),
    );
  });

  test("case 25: spreads the renewal over the given share of the time until the hard window, later and never earlier", () => {
    const policy = { softWindow: { ms: 20 * MINUTE }, hardWindow: { ms: 4 * MINUTE }, jitter: 0.5 };
    const staleAfter = (random: number) => renewalSchedule(policy, HOUR, random).staleAfterMs;
    expect([staleAfter(0), staleAfter(0.5), staleAfter(1)]).toEqual([40 * MINUTE, 44 * MINUTE, 48 * MINUTE]);
  });

  test("spreads over half of the soft window by default", () => {
    const policy = { softWindow: { ms: 20 * MINUTE }, hardWindow: { ms: 0 } };
    expect(renewalSchedule(policy, HOUR, 1).staleAfterMs).toBe(50 * MINUTE);
  });

  test.each([
    ["both in ms", { softWindow: { ms: 10 * MINUTE }, hardWindow: { ms: MINUTE } }, 50 * MINUTE, 59 * MINUTE],
    ["both as a share", { softWindow: { share: 0.25 }, hardWindow: { share: 0.05 } }, 45 * MINUTE, 57 * MINUTE],
    [
      "a soft window beyond the re-issue window",
      { softWindow: { ms: 25 * MINUTE }, hardWindow: { ms: 0 }, reissueWindow: { ms: 15 * MINUTE } },
      45 * MINUTE,
      60 * MINUTE,
    ],
    [
      "a hard window wider than the soft one",
      { softWindow: { ms: 0 }, hardWindow: { ms: MINUTE } },
      59 * MINUTE,
      59 * MINUTE,
    ],
    [
      "windows wider than the life",
      { softWindow: { ms: 9 * HOUR }, hardWindow: { ms: 9 * HOUR } },
      30 * MINUTE,
      54 * MINUTE,
    ],
  ])("for an hour, with %s", (_, policy, staleAfterMs, unusableAfterMs) => {
    expect(renewalSchedule(policy, HOUR, 0)).toEqual({ staleAfterMs, unusableAfterMs });
  });
});

describe("a renewal policy is refused, with its field named, when", () => {
  const right: RenewalPolicy = { softWindow: { ms: 0 }, hardWindow: { share: 0 } };
  test.each<[string, Partial<RenewalPolicy>]>([
    ["softWindow", { softWindow: { ms: -1 } }],
    ["softWindow", { softWindow: { ms: Number.NaN } }],
    ["softWindow", { softWindow: { ms: Number.POSITIVE_INFINITY } }],
    ["hardWindow", { hardWindow: { share: 1 } }],
    ["hardWindow", { hardWindow: { share: -0.1 } }],
    ["reissueWindow", { reissueWindow: { share: 1.5 } }],
    ["jitter", { jitter: 1.1 }],
    ["jitter", { jitter: -0.1 }],
    ["jitter", { jitter: Number.NaN }],
    ["propagationMs", { propagationMs: -1 }],
    ["propagationMs", { propagationMs: 60_001 }],
  ])("its %s is %o", (field, wrong) => {
    const check = () => checkRenewalPolicy({ ...right, ...wrong });
    expect(check).toThrow(TokenError);
    expect(check).toThrow(
      expect.objectContaining({ code: "invalid_options", message: expect.stringContaining(field) }),
    );
  });

  test("and is accepted if nothing is wrong with it", () => {
    checkRenewalPolicy({
      ...right,
      reissueWindow: { ms: 1 },
      jitter: 1,
      extendsSameToken: true,
      propagationMs: 60_000,
    });
  });
});
