// A solution that works for many sellers: one application, one token for each seller's account.

import { createNaverCommerceAuth, naverResult, TokenCache } from "@x/naver-commerce-auth";
import { encryptedStore } from "@x/token-cache-core/encrypted";
import { redisStore } from "@x/token-cache-core/redis";
import Redis from "ioredis";

const redis = new Redis(process.env.REDIS_URL ?? "redis://127.0.0.1:6379");
redis.on("error", (error) => console.error("redis:", error.message));

// 32 random bytes in base64, from your secret manager: openssl rand -base64 32
const keys = [process.env.TOKEN_ENCRYPTION_KEY];

// One cache for all sellers and, through Redis, for all servers. It keeps the tokens of the sellers that call most.
const cache = new TokenCache({
  maxIdentities: 10_000,
  store: encryptedStore(redisStore({ client: redis }), { keys }),
});

/** A seller's account. The client of a seller is cheap: the tokens are in the cache. */
export function sellerAccount(accountId) {
  const seller = createNaverCommerceAuth({ type: "SELLER", accountId, cache });
  return naverResult(seller.api.get("v1/seller/account"));
}

export async function close() {
  await cache.close();
  await redis.quit();
}
