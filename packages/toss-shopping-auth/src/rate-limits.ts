import { type ApiAnswer, retryAfterMs } from "@x/token-cache-core/provider";
import type { LaneRule, RateLimitRules, RateRefusal } from "@x/token-cache-core/rate-limit";

// Seen in public clients: 50 reads, 30 writes and 10 product changes a second for each seller. No header tells what is left,
// and nobody says how it is counted.
const READS: LaneRule = { name: "reads", limit: { perSecond: 50 } };
const PRODUCT_CHANGES: LaneRule = { name: "product changes", limit: { perSecond: 10 } };
/** Product changes may count as writes too, so both together keep the limit of writes. */
const OTHER_WRITES: LaneRule = { name: "other writes", limit: { perSecond: 30 - 10 } };

/** Creating or changing a product, with or without the solution code in the path. */
const PRODUCTS = /\/shopping-fep(?:\/[^/]+)?\/products(?:\/|$)/;

/** Enough for the envelope of a failure. */
const LARGEST_FAILURE_BYTES = 1_024;

export const rateLimits: RateLimitRules = {
  laneOf({ method, url }) {
    if (method === "GET" || method === "HEAD") return READS;
    return PRODUCTS.test(url.pathname) ? PRODUCT_CHANGES : OTHER_WRITES;
  },

  // Seen in public clients: HTTP 200 with `errorCode: "TOO_MANY_REQUEST"`. It is not known whether such a call was processed.
  refusal(answer, clock) {
    if (answer.status === 429) return tooMany(answer, clock.wall());
    const length = Number(answer.headers.get("content-length") ?? 0);
    const mayBe = answer.status === 200 && answer.method !== "HEAD" && length <= LARGEST_FAILURE_BYTES;
    return mayBe ? readRefusal(answer, clock.wall()) : undefined;
  },
};

function tooMany({ headers }: ApiAnswer, nowMs: number): RateRefusal {
  return { isUnprocessed: false, retryAfterMs: retryAfterMs(headers, nowMs) };
}

async function readRefusal(answer: ApiAnswer, nowMs: number): Promise<RateRefusal | undefined> {
  const { readJson } = answer;
  const body = (await readJson(LARGEST_FAILURE_BYTES)) as { error?: { errorCode?: unknown } | null } | null | undefined;
  return body?.error?.errorCode === "TOO_MANY_REQUEST" ? tooMany(answer, nowMs) : undefined;
}
