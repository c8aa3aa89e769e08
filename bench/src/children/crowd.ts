// One of eight processes before a cold Redis. Its parent says which way to go and when; it says how long that took.

import { createKeyv } from "@keyv/redis";
import { TokenCache } from "@x/token-cache-core";
import { redisStore } from "@x/token-cache-core/redis";
import { createTossShoppingAuth } from "@x/toss-shopping-auth";
import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisBusDriver, redisDriver } from "bentocache/drivers/redis";
import { createCache } from "cache-manager";
import { Cacheable, createKeyv as createMemoryKeyv } from "cacheable";
import { Redis } from "ioredis";
import type { Endpoint } from "../contenders/contender.ts";
import { type PlainToken, requestToken } from "../contenders/plain-request.ts";

export const WAYS = ["ours", "a 30-line lock with polling", "bentocache", "cacheable", "cache-manager"] as const;
export type Way = (typeof WAYS)[number];

export interface CrowdInput {
  readonly redisPort: number;
  readonly callers: number;
}

/** What the parent sends: first to get ready, then, with nothing but a word, to go. */
export type CrowdOrder = { readonly prepare: Way; readonly endpoint: Endpoint } | "go";

let lastCache: TokenCache | undefined;

type GetToken = () => Promise<unknown>;

const { redisPort, callers } = JSON.parse(process.argv[2] ?? "{}") as CrowdInput;
const url = `redis://127.0.0.1:${redisPort}`;
const client = new Redis(url);
const subscriber = client.duplicate();
const store = redisStore({ client, subscriber });
let getToken: GetToken = async () => {};

process.on("disconnect", () => process.exit());
process.on("message", async (order: CrowdOrder) => {
  if (order !== "go") {
    getToken = await ways[order.prepare](order.endpoint);
    process.send?.({ ready: true });
    return;
  }
  const began = performance.now();
  await Promise.all(Array.from({ length: callers }, () => getToken()));
  process.send?.({ wallMs: performance.now() - began });
});
await client.ping();
process.send?.({ ready: true });

const ways: Record<Way, (endpoint: Endpoint) => GetToken | Promise<GetToken>> = {
  async ours({ clientId, clientSecret, tokenUrl }) {
    await lastCache?.close();
    // A machine that is busy with something else may stall a process for longer than the default time limit, after which
    // it goes on without the store: right, but not what is asked here.
    const cache = new TokenCache({ store, storeTimeoutMs: 10_000 });
    lastCache = cache;
    const auth = createTossShoppingAuth({ accessKey: clientId, secretKey: clientSecret, tokenUrl, cache });
    return () => auth.getToken();
  },

  "a 30-line lock with polling": lockWithPolling,

  async bentocache(endpoint) {
    const redis = bentostore()
      .useL1Layer(memoryDriver({ maxItems: 10_000 }))
      .useL2Layer(redisDriver({ connection: { host: "127.0.0.1", port: redisPort } }))
      .useBus(redisBusDriver({ connection: { host: "127.0.0.1", port: redisPort } }));
    const bento = new BentoCache({ default: "redis", stores: { redis } });
    // So that its connection is there before the others' clock starts.
    await bento.get({ key: "nothing" });
    return () => bento.getOrSet({ key: endpoint.clientId, factory: () => requestToken(endpoint), ttl: "59m" });
  },

  async cacheable(endpoint) {
    const cache = new Cacheable({ secondary: createKeyv(url) });
    await cache.get("nothing");
    return () => cache.getOrSet<PlainToken>(endpoint.clientId, () => requestToken(endpoint), { ttl: "59m" });
  },

  async "cache-manager"(endpoint) {
    const cache = createCache({ stores: [createMemoryKeyv(), createKeyv(url)] });
    await cache.get("nothing");
    return () => cache.wrap(endpoint.clientId, () => requestToken(endpoint), 3_540_000);
  },
};

/**
 * What is written where no library is used: SET NX, and whoever does not get it looks every few milliseconds. Whoever
 * gets it looks once more: another process may have issued and given the lock back since the last look.
 */
function lockWithPolling(endpoint: Endpoint): GetToken {
  let token: PlainToken | undefined;
  let pending: Promise<PlainToken> | undefined;
  const key = `lock-with-polling:${endpoint.clientId}`;

  async function find(): Promise<PlainToken> {
    for (;;) {
      const found = await client.get(key);
      if (found !== null) return JSON.parse(found) as PlainToken;
      if ((await client.set(`${key}:lock`, process.pid, "PX", 10_000, "NX")) === "OK") {
        try {
          const foundNow = await client.get(key);
          if (foundNow !== null) return JSON.parse(foundNow) as PlainToken;
          const issued = await requestToken(endpoint);
          await client.set(key, JSON.stringify(issued), "PX", (issued.expires_in - 60) * 1_000);
          return issued;
        } finally {
          await client.del(`${key}:lock`);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  return async () => {
    if (token !== undefined) return token;
    pending ??= find();
    token = await pending;
    return token;
  };
}
