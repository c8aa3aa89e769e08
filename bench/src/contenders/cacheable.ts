import { Cacheable } from "cacheable";
import { type Contender, field } from "./contender.ts";
import { type PlainToken, requestToken } from "./plain-request.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect(endpoint) {
    const cache = new Cacheable();
    return {
      // It has to be told how long before it knows the token.
      getToken: () =>
        cache.getOrSet<PlainToken>(endpoint.clientId, () => requestToken(endpoint), {
          ttl: "59m",
          throwErrors: true,
        }),
      valueOf: field("access_token"),
      close: () => cache.disconnect(),
    };
  },
};
