import { mutant } from "./mutant.ts";

/** Tokens that an API refused. */
export const refusals = [
  mutant(
    "a refusal is not remembered",
    "cache/memory.ts",
    "if (!cached.isUsable(now) || this.#negative.droppedIds(key).includes(id)) return undefined;",
    "if (!cached.isUsable(now)) return undefined;",
  ),
  mutant(
    "a refused token is not dropped",
    "cache/memory.ts",
    '    this.#tokens.delete(key);\n    this.#report(cached, { type: "refused"',
    '    this.#report(cached, { type: "refused"',
  ),
  mutant(
    "only one dropped token is remembered",
    "cache/negative-cache.ts",
    "const MOST_DROPPED = 4;",
    "const MOST_DROPPED = 1;",
  ),
  mutant(
    "other processes hear of no refusal",
    "cache/token-cache.ts",
    "onRefused: (key, tokenId) => this.#memory.refuse(key, tokenId),",
    "onRefused: () => {},",
  ),
  mutant(
    "a refused token stays in the store",
    "cache/token-cache.ts",
    "      this.#shared?.delete(key, refusedTokenId);\n",
    "",
  ),
  mutant(
    "late news evicts the current token",
    "cache/token-cache.ts",
    "cached === undefined || cached.token.id === refusedTokenId;",
    "true;",
  ),
  mutant(
    "late news of a refusal is forgotten",
    "cache/token-cache.ts",
    "      this.#memory.refuse(cached.key, refusedTokenId);\n",
    "",
  ),
  mutant(
    "a refused call is not sent again",
    "fetch/authenticated-fetch.ts",
    "if (verdict === false || !(await verdict)) return response;",
    "return response;",
  ),
  mutant(
    "invalidate leaves the token in memory",
    "cache/memory.ts",
    '    this.#tokens.delete(key);\n    this.#report(cached, { type: "evicted"',
    '    this.#report(cached, { type: "evicted"',
  ),
];
