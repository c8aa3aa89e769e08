import { createKeyv } from "@keyv/redis";
import { Cacheable } from "cacheable";
import { type Connect, type ConnectShared, field } from "../src/clients/token-client.ts";
import { type PlainToken, requestToken } from "../src/clients/token-request.ts";

export const connect: Connect = (endpoint) => {
  const cache = new Cacheable();
  return {
    // The lifetime is fixed, since it needs it before it knows the token.
    getToken: () =>
      cache.getOrSet<PlainToken>(endpoint.clientId, () => requestToken(endpoint), {
        ttl: "59m",
        throwErrors: true,
      }),
    valueOf: field("access_token"),
    close: () => cache.disconnect(),
  };
};

export const connectShared: ConnectShared = async (endpoint, redisPort) => {
  const cache = new Cacheable({ secondary: createKeyv(`redis://127.0.0.1:${redisPort}`) });
  // Opens its connection before the clock starts.
  await cache.get("nothing");
  return () => cache.getOrSet<PlainToken>(endpoint.clientId, () => requestToken(endpoint), { ttl: "59m" });
};
