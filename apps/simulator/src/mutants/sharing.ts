import { mutant } from "./mutant.ts";

/** What processes share through a store. */
export const sharing = [
  mutant(
    "the same token with a later end is adopted",
    "cache/memory.ts",
    "if (outlives(current.life, life, now)) this.#tokens.set(cachedToken(source, current.token, life));",
    "this.#tokens.set(cachedToken(source, current.token, life));",
  ),
  mutant(
    "the store's earlier end of the token in memory is not believed",
    "cache/memory.ts",
    "if (outlives(current.life, life, now)) this.#tokens.set(cachedToken(source, current.token, life));",
    "",
  ),
  mutant(
    "the store's earlier end of a token that is sent again is not believed",
    "cache/sharing/adoption.ts",
    "flight.sees(end);",
    "",
  ),
  mutant(
    "an unreadable entry's end is not believed",
    "cache/sharing/shared-tokens.ts",
    "({ key, tokenId, remainingMs }) => this.#looking.notify(key, { id: tokenId, remainingMs }),",
    "() => {},",
  ),
  mutant("an answer that is out of date is kept", "cache/issuer.ts", "checkUpToDate(issued);", ""),
  mutant(
    "a token that expired while the store was written is handed out",
    "cache/token-cache.ts",
    "return wall >= token.expiresAt && sleptMs >= SLEPT_AT_LEAST_MS ? this.getToken(source) : token;",
    "return wall < 0 && sleptMs < 0 ? this.getToken(source) : token;",
  ),
  mutant(
    "nothing is adopted",
    "cache/memory.ts",
    "    if (!cached.isUsable(now) || ",
    "    if (cached !== undefined) return undefined;\n    if (!cached.isUsable(now) || ",
  ),
  mutant(
    "tokens are not shared",
    "cache/sharing/shared-tokens.ts",
    "await this.#store.set(cached.key, encodeStored(cached), leftMs, () => this.#correct(cached, sentAt));",
    "",
  ),
  mutant(
    "a late write is not corrected",
    "cache/sharing/shared-tokens.ts",
    "() => this.#correct(cached, sentAt)",
    "() => {}",
  ),
  mutant(
    "no lease is waited for",
    "cache/sharing/adoption.ts",
    "if (elapsedMs(flight.startedAt, instant(this.#clock)) >= this.#longestWaitMs) return NOTHING;",
    "return NOTHING;",
  ),
  mutant(
    "a lease is waited for without a limit",
    "cache/sharing/adoption.ts",
    "if (elapsedMs(flight.startedAt, instant(this.#clock)) >= this.#longestWaitMs) return NOTHING;",
    "",
  ),
  mutant(
    "an entry's owner is not checked",
    "cache/sharing/stored-token.ts",
    `if (storedKey !== key) return "other_identity";`,
    "",
  ),
  mutant("a lease is not given back", "cache/sharing/held-lease.ts", "this.#lease?.release();", ""),
  mutant("a lease's timer goes on", "cache/sharing/held-lease.ts", "this.#timer?.cancel();", ""),
  mutant(
    "a lease that comes too late is kept",
    "cache/sharing/circuit-breaker.ts",
    `if (!isWanted && outcome.type === "lease") outcome.lease.release().catch(() => {});`,
    "",
  ),
  mutant(
    "a failed store's lease is kept",
    "cache/sharing/circuit-breaker.ts",
    `release: () => this.#attempt("release", key, release, undefined, true),`,
    `release: () => this.#attempt("release", key, release, undefined),`,
  ),
  mutant(
    "a lease is held while waiting in line",
    "cache/sharing/adoption.ts",
    "if (!flight.signal.aborted && slot.tryTake()) return look;",
    "if (!flight.signal.aborted) return look;",
  ),
  mutant(
    "the store has no time limit",
    "cache/sharing/circuit-breaker.ts",
    "this.#clock.setTimer(() => limit.abort(TIMEOUT), this.#timeoutMs)",
    "this.#clock.setTimer(() => limit.abort(TIMEOUT), 60_000)",
  ),
  mutant(
    "a store's failure is the caller's",
    "cache/sharing/circuit-breaker.ts",
    "      this.#report(operation, key, error);\n      return otherwise;",
    "      throw error;",
  ),
  mutant(
    "failures that happen together count each",
    "cache/sharing/circuit-breaker.ts",
    "if (this.#outage === outageBefore && !isPaused) this.#outage = outageAfter(outageBefore,",
    "this.#outage = outageAfter(this.#outage,",
  ),
  mutant(
    "failures of the store are never past",
    "cache/sharing/circuit-breaker.ts",
    "before !== undefined && elapsedMs(before.failedAt, failedAt) < IN_A_ROW_WITHIN_MS;",
    "before !== undefined;",
  ),
  mutant(
    "a paused store is never asked again",
    "cache/sharing/circuit-breaker.ts",
    "instant(this.#clock)) < this.#outage.pauseMs;",
    "instant(this.#clock)) < 1e15;",
  ),
  mutant(
    "tokens are stored in the clear",
    "stores/encrypted/encrypted-store.ts",
    "await store.set(key, encrypted, remainingMs);",
    "await store.set(key, token, remainingMs);",
  ),
];
