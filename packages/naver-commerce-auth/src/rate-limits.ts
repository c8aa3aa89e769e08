import { type ApiAnswer, retryAfterMs } from "@x/token-cache-core/provider";
import { lanesByRoute, type RateLimitRules, type RateRefusal } from "@x/token-cache-core/rate-limit";
import { headerNumber } from "./api-result.ts";

/**
 * An application of one's own store may call each API twice a second (notice on rate limits); a solution application more
 * often, which the headers tell.
 */
const OWN_STORE = { perSecond: 2, burst: 2 };

/** Image uploads: one at a time per store account, or else 429 (seen in public clients). */
const UPLOAD = /\/product-images\/upload$/;

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
/** Days begin at midnight in Korea. */
const KOREA_OFFSET_MS = 9 * HOUR_MS;

const PERIODS_MS: ReadonlyMap<string, number> = new Map([
  ["SECONDS", SECOND_MS],
  ["MINUTES", 60 * SECOND_MS],
  ["HOURS", HOUR_MS],
  ["DAYS", 24 * HOUR_MS],
]);

export const rateLimits: RateLimitRules = {
  // "A token bucket per API and authenticated application" (discussion #1538).
  laneOf: lanesByRoute((name) => ({ name, limit: OWN_STORE, oneAtATime: UPLOAD.test(name) })),

  // The gateway counts per API (discussion #1538), so it may count the token endpoint as well. Nobody says so.
  tokenRequests: { name: "token requests", limit: OWN_STORE, isAssumed: true },

  // GNCP-GW-RateLimit-Replenish-Rate, -Burst-Capacity, -Remaining; GNCP-GW-Quota-Period, -Limit, -Remaining (error guide).
  read({ headers }, clock) {
    const perSecond = headerNumber(headers, "gncp-gw-ratelimit-replenish-rate");
    return {
      perSecond,
      burst: headerNumber(headers, "gncp-gw-ratelimit-burst-capacity"),
      remaining: headerNumber(headers, "gncp-gw-ratelimit-remaining"),
      closedForMs: headers.get("gncp-gw-quota-remaining") === "0" ? untilQuotaEnds(headers, clock.wall()) : undefined,
      // Seen the day before the penalty for off-form token requests strikes (discussion #3738).
      warning: perSecond !== undefined && perSecond < OWN_STORE.perSecond ? HERALD : undefined,
    };
  },

  // "GW.RATE_LIMIT was refused by the gateway and not processed" (discussion #6). Other 429s come from behind the gateway.
  refusal: (answer, clock) => (answer.status === 429 ? readRefusal(answer, clock.wall()) : undefined),

  quotaMessage:
    "Naver's quota for this application is used up. No call is sent until its period ends. A limit of one call an hour is " +
    "Naver's penalty for token requests of a wrong form: look for other code that uses this application.",
};

async function readRefusal({ headers, readJson }: ApiAnswer, nowMs: number): Promise<RateRefusal> {
  const body = (await readJson()) as { code?: unknown } | null | undefined;
  const isQuota = body?.code === "GW.QUOTA_LIMIT";
  return {
    isUnprocessed: isQuota || body?.code === "GW.RATE_LIMIT",
    retryAfterMs: retryAfterMs(headers, nowMs),
    closedForMs: isQuota ? untilQuotaEnds(headers, nowMs) : undefined,
  };
}

const HERALD =
  "Naver halved the application's rate. That was seen before its penalty for token requests of a wrong form, one call an " +
  "hour: look for other code that uses this application.";

/**
 * How long a used-up quota stays used up, in ms. Naver promises no `Retry-After`. A period that begins with the clock ends
 * soonest. Where it does not, one probe finds the quota still used up.
 *
 * @internal
 */
export function untilQuotaEnds(headers: Headers, nowMs: number): number {
  return retryAfterMs(headers, nowMs) ?? untilPeriodEnds(headers, nowMs);
}

function untilPeriodEnds(headers: Headers, nowMs: number): number {
  const periodMs = PERIODS_MS.get(headers.get("gncp-gw-quota-period") ?? "") ?? HOUR_MS;
  const serverMs = Date.parse(headers.get("date") ?? "") || nowMs;
  return periodMs - ((serverMs + KOREA_OFFSET_MS) % periodMs) + 2 * SECOND_MS;
}
