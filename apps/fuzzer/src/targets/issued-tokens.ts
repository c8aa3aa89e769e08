import { TokenCache, TokenError } from "@x/token-cache-core";
import type { IssuedToken } from "@x/token-cache-core/provider";
import { ManualClock } from "@x/token-cache-core/testing";
import fc from "fast-check";
import { oddNumber, oddText, oddValue } from "../odd-values.ts";
import { identity } from "../shared-tokens.ts";
import { must, type Target } from "../target.ts";
import { mustBeUsable } from "../usable-token.ts";
import { settle } from "../virtual-time.ts";

const NOW_MS = 1_800_000_000_000;

const tokens = fc.record(
  {
    value: fc.oneof({ weight: 3, arbitrary: fc.constant("token") }, oddText, oddValue),
    tokenType: fc.oneof({ weight: 2, arbitrary: fc.constantFrom("Bearer", undefined) }, oddText, oddValue),
    scope: fc.oneof(fc.constant("scope"), oddText),
    lifetimeMs: fc.oneof({ weight: 2, arbitrary: fc.constant(3_600_000) }, oddNumber, oddValue),
  },
  { requiredKeys: ["value", "lifetimeMs"] },
);

export const issuedTokens: Target = {
  name: "issued-tokens",
  input: "Tokens of a token source that somebody else wrote: odd values, types, scopes and lifetimes.",
  rule: "A token source of somebody else's gives a usable token or a TokenError.",
  shortRuns: 300,
  open: () => ({
    property: fc.asyncProperty(tokens, async (fields) => {
      const clock = new ManualClock({ startAt: NOW_MS });
      await using cache = new TokenCache({ clock, maxAttempts: 1 });
      const source = identity("seller", (token) => ({ ...token, ...fields }) as IssuedToken);
      const outcome = await settle(cache.getToken(source), clock);
      if ("value" in outcome) return mustBeUsable(outcome.value, clock.wall());
      must(TokenError.is(outcome.error), `getToken fails with ${String(outcome.error)}, which is no TokenError.`);
    }),
  }),
};
