import { retryAfterMs } from "@x/token-cache-core/provider";
import type { LaneRule, RateLimitRules } from "@x/token-cache-core/rate-limit";

/** No limit is documented, and no header tells one: calls go out at once until iamport refuses one. */
const EVERYTHING: LaneRule = { name: "all calls", limit: undefined };

export const rateLimits: RateLimitRules = {
  laneOf: () => EVERYTHING,

  // iamport documents no rate limit. HTTP 429 is what the standard says (RFC 6585), and it does not say whether the call
  // was processed.
  refusal({ status, headers }, clock) {
    if (status !== 429) return undefined;
    return { isUnprocessed: false, retryAfterMs: retryAfterMs(headers, clock.wall()) };
  },
};
