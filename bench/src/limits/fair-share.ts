import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { TokenCache } from "@x/token-cache-core";
import { summarize } from "../report/statistics.ts";
import { type ApiLimit, startRateLimitedApi } from "./rate-limited-api.ts";

/** At this rate the calls of all sellers take ten seconds. */
const LIMIT: ApiLimit = { perSecond: 100, burst: 100 };
const SELLERS = 1_000;
const FLOOD = 5_000;

/** 999 sellers call once, after one seller has sent thousands of calls. The median wait over that of a fair share. */
export async function medianWait(): Promise<{ readonly medianMs: number; readonly fairMs: number }> {
  const api = await startRateLimitedApi(LIMIT);
  const cache = new TokenCache();
  const sellerOf = (accountId: string) =>
    createNaverCommerceAuth({
      clientId: "limits",
      clientSecret: "$2a$04$abcdefghijklmnopqrstuv",
      type: "SELLER",
      accountId,
      tokenUrl: `${api.origin}/token`,
      apiBaseUrl: api.origin,
      rateLimit: { maxWaitMs: 3_600_000 },
      cache,
    });
  const url = `${api.origin}/v1/orders`;
  try {
    const sellers = Array.from({ length: SELLERS - 1 }, (_, index) => sellerOf(`seller-${index}`));
    const flooding = sellerOf("flood");
    await Promise.all([...sellers, flooding].map((seller) => seller.getToken()));
    await (await flooding.fetch(url)).text();
    for (let call = 0; call < FLOOD; call++) flooding.fetch(url).then(({ body }) => body?.cancel(), ignore);
    const from = performance.now();
    const waits = await Promise.all(
      sellers.map(async (seller) => {
        await (await seller.fetch(url)).text();
        return performance.now() - from;
      }),
    );
    // Round robin: half of the sellers have had their turn after half of a second's thousandth each.
    return { medianMs: summarize(waits).median, fairMs: (SELLERS / 2 / LIMIT.perSecond) * 1_000 };
  } finally {
    await cache.close();
    await api.stop();
  }
}

function ignore(): void {}
