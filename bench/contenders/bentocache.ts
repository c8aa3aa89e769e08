import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { redisBusDriver, redisDriver } from "bentocache/drivers/redis";
import { type Connect, type ConnectShared, field } from "../src/clients/token-client.ts";
import { requestToken } from "../src/clients/token-request.ts";

export const connect: Connect = (endpoint) => {
  const bento = new BentoCache({
    default: "memory",
    stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 })) },
  });
  return {
    // As its documentation recommends: it serves a stale value while the factory is slow or fails. The lifetimes are
    // fixed, since it needs them before it knows the token.
    getToken: () =>
      bento.getOrSet({
        key: endpoint.clientId,
        factory: () => requestToken(endpoint),
        ttl: "50m",
        grace: "59m",
        timeout: 0,
      }),
    valueOf: field("access_token"),
    close: () => bento.disconnectAll(),
  };
};

export const connectShared: ConnectShared = async (endpoint, redisPort) => {
  const connection = { host: "127.0.0.1", port: redisPort };
  const redis = bentostore()
    .useL1Layer(memoryDriver({ maxItems: 10_000 }))
    .useL2Layer(redisDriver({ connection }))
    .useBus(redisBusDriver({ connection }));
  const bento = new BentoCache({ default: "redis", stores: { redis } });
  // Opens its connection before the clock starts.
  await bento.get({ key: "nothing" });
  return () => bento.getOrSet({ key: endpoint.clientId, factory: () => requestToken(endpoint), ttl: "59m" });
};
