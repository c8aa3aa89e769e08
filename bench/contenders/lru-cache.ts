import { LRUCache } from "lru-cache";
import { type Connect, field } from "../src/clients/token-client.ts";
import { MARGIN_SECONDS, type PlainToken, requestToken } from "../src/clients/token-request.ts";

export const connect: Connect = (endpoint) => {
  const cache = new LRUCache<string, PlainToken>({
    max: 10_000,
    async fetchMethod(_key, _stale, { options }) {
      const token = await requestToken(endpoint);
      options.ttl = (token.expires_in - MARGIN_SECONDS) * 1_000;
      return token;
    },
  });
  return { getToken: () => cache.fetch(endpoint.clientId), valueOf: field("access_token") };
};

/** Holds plain values, for comparison with a cache of many identities. */
export function createPlainCache(max: number, ttl: number): LRUCache<string, string> {
  return new LRUCache({ max, ttl });
}
