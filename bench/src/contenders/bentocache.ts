import { BentoCache, bentostore } from "bentocache";
import { memoryDriver } from "bentocache/drivers/memory";
import { type Contender, field } from "./contender.ts";
import { requestToken } from "./plain-request.ts";

export const contender: Contender = {
  keepsTokens: true,
  connect(endpoint) {
    const bento = new BentoCache({
      default: "memory",
      stores: { memory: bentostore().useL1Layer(memoryDriver({ maxItems: 10_000 })) },
    });
    return {
      // As its documentation recommends: an older value serves on while a new one is late or cannot be had. It has to be
      // told how long before it knows the token.
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
  },
};
