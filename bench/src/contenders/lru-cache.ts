import { LRUCache } from "lru-cache";
import { type Contender, field } from "./contender.ts";
import { MARGIN_SECONDS, type PlainToken, requestToken } from "./plain-request.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect(endpoint) {
    const cache = new LRUCache<string, PlainToken>({
      max: 10_000,
      async fetchMethod(_key, _stale, { options }) {
        const token = await requestToken(endpoint);
        options.ttl = (token.expires_in - MARGIN_SECONDS) * 1_000;
        return token;
      },
    });
    return { getToken: () => cache.fetch(endpoint.clientId), valueOf: field("access_token") };
  },
};
