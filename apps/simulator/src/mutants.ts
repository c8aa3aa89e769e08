/** A deliberate breakage of the library: one text in one file of core's sources is replaced. */
export interface Mutant {
  readonly name: string;
  /** Below core's `src`. */
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly search: string;
  readonly replace: string;
}

const mutant = (name: string, file: string, search: string, replace: string): Mutant => ({
  name,
  file,
  search,
  replace,
});

/** Each has to be caught by some seed. */
export const mutants: readonly Mutant[] = [
  // The life of a token.
  mutant(
    "time by the wall clock alone",
    "time/clock.ts",
    "return Math.max(to.monotonic - from.monotonic, to.wall - from.wall);",
    "return to.wall - from.wall;",
  ),
  mutant(
    "time by the monotonic clock alone",
    "time/clock.ts",
    "return Math.max(to.monotonic - from.monotonic, to.wall - from.wall);",
    "return to.monotonic - from.monotonic;",
  ),
  mutant(
    "expired tokens count as stale",
    "cache/freshness.ts",
    `return ageMs < life.unusableAfterMs ? "stale" : "expired";`,
    `return "stale";`,
  ),
  mutant(
    "no stale tokens",
    "cache/freshness.ts",
    "if (ageMs < life.staleAfterMs)",
    "if (ageMs < life.unusableAfterMs)",
  ),
  mutant(
    "a full lifetime named again is believed",
    "cache/freshness.ts",
    "const life = remainingMs(again, now) < remainingMs(held, now) ? again : held;",
    "const life = again;",
  ),
  mutant(
    "a token just over is believed for a whole life",
    "cache/freshness.ts",
    "if (remainingMs(held, again.startedAt) <= 0) return lastMoments(held, again);",
    "if (remainingMs(held, again.startedAt) <= 0) return again;",
  ),
  mutant(
    "a step of the wall clock at a token's end brings it a new life",
    "cache/freshness.ts",
    "const monotonic = isOver ? again.startedAt.monotonic - spentMs : startedAt.monotonic;",
    "const monotonic = again.startedAt.monotonic - spentMs;",
  ),
  mutant(
    "an extension is not believed",
    "cache/freshness.ts",
    "if (policy.extendsSameToken === true && outlives(again, known, now)) return again;",
    "",
  ),
  mutant(
    "the same token is asked for again at once",
    "cache/freshness.ts",
    "return { ...life, staleAfterMs: Math.min(reaskAfterMs, unusableAfterMs), unusableAfterMs };",
    "return { ...life, staleAfterMs: 0, unusableAfterMs };",
  ),
  mutant(
    "a life counts from the answer",
    "provider/token-exchange.ts",
    "body, sentAt, receivedAt };",
    "body, sentAt: { ...receivedAt, monotonic: receivedAt.monotonic + 60_000, wall: receivedAt.wall + 60_000 }, receivedAt };",
  ),
  mutant(
    "the store's remaining life is ignored",
    "cache/stored-token.ts",
    "const ageMs = Math.max(0, lifetimeMs - remainingMs);",
    "const ageMs = 0;",
  ),
  mutant(
    "a vouch for a token has no end",
    "cache/cached-token.ts",
    "return leftMs > 0 && leftMs <= VOUCHED_FOR_MS;",
    "return this.#vouchedUntil > 0 && leftMs < 1e15;",
  ),

  // Single flight.
  mutant(
    "every caller has a flight of its own",
    "cache/token-cache.ts",
    "if (this.#sharedFlights) this.#flights.set(source.key, flight);",
    "",
  ),
  mutant(
    "a flight is never forgotten",
    "cache/token-cache.ts",
    "if (this.#flights.get(key) === flight) this.#flights.delete(key);",
    "",
  ),
  mutant(
    "the first caller's abort ends the flight",
    "cache/flight.ts",
    "if (signal !== undefined) return this.#keptAlive(abortable(this.promise, signal));",
    'if (signal !== undefined) {\n      signal.addEventListener("abort", () => this.close(signal.reason as never));\n      return this.#keptAlive(abortable(this.promise, signal));\n    }',
  ),
  mutant(
    "callers' signals are ignored",
    "cache/flight.ts",
    "if (signal !== undefined) return this.#keptAlive(abortable(this.promise, signal));",
    "",
  ),
  mutant(
    "the signal is dropped after a wait for a young token",
    "cache/token-cache.ts",
    "return this.#waits.pause(settlesInMs, signal).then(() => this.getToken(source, { signal }));",
    "return this.#waits.pause(settlesInMs, undefined).then(() => this.getToken(source));",
  ),
  mutant(
    "a flight has no time limit",
    "cache/flight.ts",
    "const timer = this.#clock.setTimer(deadline, limitMs);",
    "const timer = this.#clock.setTimer(deadline, limitMs * 1_000);",
  ),
  mutant("a background failure is an unhandled rejection", "cache/flight.ts", "promise.catch(() => {});", ""),
  mutant(
    "stale tokens are waited for",
    "cache/token-cache.ts",
    "if (!this.#sharedFlights) return this.#renewInForeground(source, cached, options, now);",
    "return this.#renewInForeground(source, cached, options, now);",
  ),
  mutant("stale tokens are not renewed", "cache/token-cache.ts", `this.#startFlight(source, "stale", true);`, ""),

  // Failures.
  mutant(
    "Retry-After is ignored between flights",
    "cache/negative-cache.ts",
    "Math.max(waitMs, error.retryAfterMs ?? 0)",
    "waitMs",
  ),
  mutant(
    "Retry-After is ignored within a flight",
    "cache/issuer.ts",
    "error.retryAfterMs ?? backoffMs(attempt, BACKOFF)",
    "backoffMs(attempt, BACKOFF)",
  ),
  mutant(
    "failures are not remembered",
    "cache/negative-cache.ts",
    "if (this.#failure === undefined) return undefined;\n",
    "return undefined;\n",
  ),
  mutant(
    "one attempt too many",
    "cache/issuer.ts",
    "!error.retryable || attempt >= maxAttempts",
    "!error.retryable || attempt > maxAttempts",
  ),
  mutant(
    "a lifetime without a limit",
    "contract/issued-token-fault.ts",
    "lifetimeMs > 0 && lifetimeMs <= LONGEST_LIFETIME_MS",
    "lifetimeMs !== 0",
  ),
  mutant(
    "a slot is not given back",
    "cache/token-cache.ts",
    "      slot.free();\n      lease?.end();",
    "      lease?.end();",
  ),

  // Refusals.
  mutant(
    "a refusal is not remembered",
    "cache/memory.ts",
    "if (!cached.isUsable(now) || this.#negative.droppedIds(key).includes(tokenId)) return undefined;",
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

  // Sharing.
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
    "cache/adoption.ts",
    "flight.sees(end);",
    "",
  ),
  mutant(
    "an unreadable entry's end is not believed",
    "cache/shared-tokens.ts",
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
    "cache/shared-tokens.ts",
    "await this.#store.set(cached.key, encodeStored(cached), leftMs, () => this.#correct(cached, sentAt));",
    "",
  ),
  mutant("a late write is not corrected", "cache/shared-tokens.ts", "() => this.#correct(cached, sentAt)", "() => {}"),
  mutant(
    "no lease is waited for",
    "cache/adoption.ts",
    "if (elapsedMs(flight.startedAt, instant(this.#clock)) >= this.#longestWaitMs) return NOTHING;",
    "return NOTHING;",
  ),
  mutant(
    "a lease is waited for without a limit",
    "cache/adoption.ts",
    "if (elapsedMs(flight.startedAt, instant(this.#clock)) >= this.#longestWaitMs) return NOTHING;",
    "",
  ),
  mutant(
    "an entry's owner is not checked",
    "cache/stored-token.ts",
    `if (storedKey !== key) return "other_identity";`,
    "",
  ),
  mutant("a lease is not given back", "cache/held-lease.ts", "this.#lease?.release();", ""),
  mutant("a lease's timer goes on", "cache/held-lease.ts", "this.#timer?.cancel();", ""),
  mutant(
    "a lease that comes too late is kept",
    "cache/circuit-breaker.ts",
    `if (!isWanted && outcome.type === "lease") outcome.lease.release().catch(() => {});`,
    "",
  ),
  mutant(
    "a failed store's lease is kept",
    "cache/circuit-breaker.ts",
    `release: () => this.#attempt("release", key, release, undefined, true),`,
    `release: () => this.#attempt("release", key, release, undefined),`,
  ),
  mutant(
    "a lease is held while waiting in line",
    "cache/adoption.ts",
    "if (!flight.signal.aborted && slot.tryTake()) return look;",
    "if (!flight.signal.aborted) return look;",
  ),
  mutant(
    "the store has no time limit",
    "cache/circuit-breaker.ts",
    "this.#clock.setTimer(() => limit.abort(TIMEOUT), this.#timeoutMs)",
    "this.#clock.setTimer(() => limit.abort(TIMEOUT), 60_000)",
  ),
  mutant(
    "a store's failure is the caller's",
    "cache/circuit-breaker.ts",
    "      this.#report(operation, key, error);\n      return otherwise;",
    "      throw error;",
  ),
  mutant(
    "failures that happen together count each",
    "cache/circuit-breaker.ts",
    "if (this.#outage === outageBefore && !isPaused) this.#outage = outageAfter(outageBefore,",
    "this.#outage = outageAfter(this.#outage,",
  ),
  mutant(
    "failures of the store are never past",
    "cache/circuit-breaker.ts",
    "before !== undefined && elapsedMs(before.failedAt, failedAt) < IN_A_ROW_WITHIN_MS;",
    "before !== undefined;",
  ),
  mutant(
    "a paused store is never asked again",
    "cache/circuit-breaker.ts",
    "instant(this.#clock)) < this.#outage.pauseMs;",
    "instant(this.#clock)) < 1e15;",
  ),
  mutant(
    "tokens are stored in the clear",
    "stores/encrypted/encrypted-store.ts",
    "await store.set(key, encrypted, remainingMs);",
    "await store.set(key, token, remainingMs);",
  ),

  // The end, and all the rest.
  mutant(
    "close() leaves the flights",
    "cache/token-cache.ts",
    "for (const flight of this.#running) flight.close(closedError());",
    "",
  ),
  mutant("close() leaves the waits for young tokens", "cache/token-cache.ts", "this.#waits.end(closedError());", ""),
  mutant("close() leaves the store's notices", "cache/shared-tokens.ts", "    this.#stopListening();", ""),
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
  // Calls that wait for their turn.
  mutant("lanes are not shared", "cache/token-cache.ts", "shared: options.store?.take && this.#shared?.lanes(),", ""),
  mutant(
    "a turn is not waited for",
    "rate-limit/call-pacer.ts",
    "let turn = line.takeDue(at);",
    "let turn = line.takeDue(at) ?? { number: undefined, isProbe: false };",
  ),
  mutant(
    "maxWaitMs is ignored",
    "rate-limit/waiting-line.ts",
    "const giveUp = () => waiter.reject(this.lane.tooLongError(this.#queue.size));",
    "const giveUp = () => {};",
  ),
  mutant(
    "a caller's abort does not end its wait",
    "rate-limit/waiting-line.ts",
    `signal?.addEventListener("abort", onAbort, { once: true });`,
    "",
  ),
  mutant("close() leaves the waits for turns", "cache/token-cache.ts", "this.#lanes.end(closedError());", ""),
  mutant(
    "a call waits for its turn after close()",
    "rate-limit/lanes.ts",
    "if (this.#endReason !== undefined) throw this.#endReason;",
    "",
  ),
  mutant(
    "one identity gets all turns",
    "rate-limit/fair-queue.ts",
    "      this.#entries.delete(identity);\n      for",
    "      if (own.size === 1) this.#entries.delete(identity);\n      for",
  ),
  mutant(
    "a used-up quota does not close the lanes",
    "rate-limit/lane.ts",
    "if (closedForMs !== undefined) this.gate.set(closedForMs, now);",
    "if (closedForMs !== undefined) this.gate.isClosed;",
  ),
  mutant(
    "the other processes hear of no quota",
    "rate-limit/lanes.ts",
    "this.#init.shared?.take(group, QUOTA_LANE, request);",
    "void [group, QUOTA_LANE, request];",
  ),
  mutant(
    "turns from before a quota closed are used",
    "rate-limit/shared-bucket.ts",
    "if (gate.isClosed && !reserved.isProbe) {",
    "if (false) {",
  ),
  mutant(
    "without the store each process takes all turns",
    "rate-limit/local-bucket.ts",
    "const spacingMs = intervalMs * this.processes;",
    "const spacingMs = intervalMs;",
  ),
  mutant(
    "a call that was refused for its rate is not sent again",
    "rate-limit/call-pacer.ts",
    "return canResend && (isUnprocessed",
    "return false && (isUnprocessed",
  ),
  mutant(
    "an order that may have been processed is sent again",
    "rate-limit/call-pacer.ts",
    `isUnprocessed || resendAnyMethod || method === "GET" || method === "HEAD"`,
    "true",
  ),
];
