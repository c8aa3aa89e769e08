import { createNaverCommerceAuth, NaverApiError, naverResult, TokenCache, TokenError } from "@x/naver-commerce-auth";
import { redisStore } from "@x/token-cache-core/redis";
import { UnrecoverableError, Worker } from "bullmq";
import Redis from "ioredis";

const url = process.env.REDIS_URL ?? "redis://127.0.0.1:6379";

// All workers share one token and the application's rate limit. Without Redis, each would use the whole limit.
const redis = new Redis(url);
redis.on("error", (error) => console.error("redis:", error.message));
const cache = new TokenCache({ store: redisStore({ client: redis }) });
const naver = createNaverCommerceAuth({ cache, rateLimit: { maxWaitMs: 60_000 } });

const worker = new Worker(
  "accounts",
  async () => {
    try {
      return await naverResult(naver.api.get("v1/seller/account"));
    } catch (error) {
      // Another attempt does not help against wrong credentials.
      if (TokenError.is(error) && !error.retryable) throw new UnrecoverableError(error.message);
      // 400, 403, 404: the same call will fail again.
      if (error instanceof NaverApiError && !error.isRateLimited && error.providerStatus < 500) {
        throw new UnrecoverableError(error.message);
      }
      throw error;
    }
  },
  { connection: { url, maxRetriesPerRequest: null }, concurrency: 10 },
);
worker.on("failed", (job, error) => console.error(`job ${job?.id}:`, error.message));

process.once("SIGTERM", async () => {
  await worker.close();
  await cache.close();
  await redis.quit();
});
