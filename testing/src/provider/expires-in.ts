import type { IssuedToken, TokenAnswer } from "@x/token-cache-core/provider";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judging } from "../token-answers.ts";

/** The lifetime in OAuth's field `expires_in`, for providers that use it. `token` is a good answer's body. */
export function testExpiresIn(parse: (answer: TokenAnswer) => Promise<IssuedToken>, token: object): void {
  const { judged, errorOf } = judging(parse);

  describe("case 11: expires_in", () => {
    it.each([
      ["an hour", 3599, 3_599_000],
      ["a year", 31_535_999, 31_535_999_000],
      ["a string of digits", "3600", 3_600_000],
      ["a fraction", 0.5, 500],
    ])("as %s is read", async (_what, expires_in, lifetimeMs) => {
      expect((await judged({ ...token, expires_in })).lifetimeMs).toBe(lifetimeMs);
    });

    it.each([
      ["missing", undefined],
      ["null", null],
      ["NaN", Number.NaN],
      ["a word", "soon"],
      ["empty", ""],
      ["a number with a sign", "-1"],
      ["a number in hex", "0x10"],
      ["a list", [3600]],
      ["true", true],
    ])("that is %s is refused", async (_what, expires_in) => {
      expect((await errorOf({ ...token, expires_in })).code).toBe("invalid_response");
    });
  });
}

/** Anything that an endpoint might answer, often close to OAuth's token response. */
export function anyOAuthAnswer(otherFields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const lifetime = fc.oneof(fc.double(), fc.integer(), fc.string(), fc.constantFrom("3600", null, undefined, true));
  const fields = {
    access_token: fc.oneof(fc.string(), fc.anything()),
    expires_in: lifetime,
    token_type: fc.constantFrom("Bearer", "bearer", "mac", 1),
    ...otherFields,
  };
  return fc.oneof(fc.anything(), fc.record(fields, { requiredKeys: [] }));
}

/** What a token answer of OAuth holds. */
export const readOAuthAnswer = ({ access_token, expires_in }: { access_token: unknown; expires_in: unknown }) => ({
  value: access_token,
  lifetimeMs: Number(expires_in) * 1_000,
});
