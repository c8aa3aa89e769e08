import { isNews, type TokenStore } from "../../contract/token-store.ts";

/** The same store, which gives a token or the lease in one step. */
export function inOneStep(store: TokenStore): TokenStore {
  return {
    ...store,
    async getOrLease(key, holdMs, known) {
      const found = await store.get(key);
      if (found !== undefined && isNews(found, known)) return { type: "token", token: found };
      const lease = await store.lease?.(key, holdMs);
      return lease === undefined ? { type: "held" } : { type: "lease", lease };
    },
  };
}
