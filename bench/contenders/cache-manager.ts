import { createKeyv } from "@keyv/redis";
import { createCache } from "cache-manager";
import { createKeyv as createMemoryKeyv } from "cacheable";
import type { ConnectShared } from "../src/clients/token-client.ts";
import { requestToken } from "../src/clients/token-request.ts";

export const connectShared: ConnectShared = async (endpoint, redisPort) => {
  const cache = createCache({ stores: [createMemoryKeyv(), createKeyv(`redis://127.0.0.1:${redisPort}`)] });
  // Opens its connection before the clock starts.
  await cache.get("nothing");
  return () => cache.wrap(endpoint.clientId, () => requestToken(endpoint), 3_540_000);
};
