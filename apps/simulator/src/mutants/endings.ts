import { mutant } from "./mutant.ts";

/** The end of a cache, and what it must not keep or show. */
export const endings = [
  mutant(
    "close() leaves the flights",
    "cache/token-cache.ts",
    "for (const flight of this.#running) flight.close(closedError());",
    "",
  ),
  mutant("close() leaves the waits for young tokens", "cache/token-cache.ts", "this.#waits.end(closedError());", ""),
  mutant("close() leaves the store's notices", "cache/sharing/shared-tokens.ts", "    this.#stopListening();", ""),
  mutant("a closed cache answers", "cache/token-cache.ts", "if (this.#isClosed) throw closedError();", ""),
  mutant(
    "memory is not bounded",
    "cache/bounded-map.ts",
    "if (this.#entries.size >= this.#capacity) this.#evict();",
    "",
  ),
  mutant(
    "identities share a key",
    "provider/create-token-source.ts",
    "[tokenUrl.href, ...identity(read())]",
    "[tokenUrl.href]",
  ),
  mutant("a token is printed", "contract/access-token.ts", `return "[redacted]";`, "return this.value;"),
];
