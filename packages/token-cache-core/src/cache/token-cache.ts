import { abortable } from "../abortable.ts";
import type { AccessToken } from "../contract/access-token.ts";
import { checkRenewalPolicy } from "../contract/renewal-policy.ts";
import type { GetTokenOptions, TokenCacheLike } from "../contract/token-cache.ts";
import { TokenError } from "../contract/token-error.ts";
import type { IssueReason, TokenEvent, TokenEventDetail, TokenObserver } from "../contract/token-events.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { type Clock, elapsedMs, type Instant, instant, systemClock } from "../time/clock.ts";
import type { ServerClock } from "../time/server-clock.ts";
import type { HeldToken } from "./cached-token.ts";
import { TokenFlight } from "./flight.ts";
import { freshness } from "./freshness.ts";
import { asTokenError, TokenIssuer } from "./issuer.ts";
import { type FlightSteps, SharedTokens } from "./shared-tokens.ts";
import { checkCacheOptions, type TokenCacheOptions } from "./token-cache-options.ts";
import { TokenMemory } from "./token-memory.ts";

/**
 * Holds the tokens of many identities: issues each once for all callers, renews it before it expires, and goes on
 * serving it when a renewal fails. One per process is enough.
 */
export class TokenCache implements TokenCacheLike {
  /** The clocks that this cache goes by. */
  readonly clock: Clock;
  readonly #memory: TokenMemory;
  readonly #flights = new Map<string, TokenFlight>();
  readonly #issuer: TokenIssuer;
  readonly #shared: SharedTokens | undefined;
  readonly #observer: TokenObserver | undefined;
  /** How long a flight waits for another process's token before it goes on alone. */
  readonly #waitLimitMs: number;
  readonly #sharedFlights: boolean;
  /** How to end the waits for young tokens. */
  readonly #waits = new Set<(reason: TokenError) => void>();
  #isClosed = false;

  /** @throws TokenError `invalid_options` naming the option that is wrong */
  constructor(options: TokenCacheOptions = {}) {
    const limits = checkCacheOptions(options);
    this.clock = options.clock ?? systemClock;
    this.#observer = options.observer;
    this.#sharedFlights = limits.sharedFlights;
    this.#waitLimitMs = (limits.flightTimeoutMs * 2) / 3;
    this.#memory = new TokenMemory(limits.maxIdentities, this.clock, (of, detail) => this.#report(of, detail));
    this.#issuer = new TokenIssuer(this.clock, limits, (event) => this.#observe(event));
    this.#shared =
      options.store &&
      new SharedTokens(options.store, this.clock, limits.storeTimeoutMs, {
        onFailure: (operation, key, reason) => this.#observe({ type: "store_failed", operation, key, reason }),
        onDeleted: (key, tokenId) => this.#memory.refuse(key, tokenId),
      });
  }

  /**
   * The identity's token: from memory where it is fresh, or stale with a renewal behind; otherwise as soon as the one
   * shared flight brings it.
   *
   * @throws TokenError what the flight ended with; or the caller's own abort reason
   */
  getToken(source: TokenSource, options?: GetTokenOptions): Promise<AccessToken> {
    try {
      // The hot path: one clock read, and a promise that is resolved already.
      if (options === undefined && this.#observer === undefined) {
        const held = this.#memory.get(source);
        if (held?.isVouchedFor(this.clock.wall())) return held.promise;
        // Nor has one of a thousand callers on a cold cache anything to decide, once the first has started the flight.
        const flight = held === undefined ? this.#flights.get(source.key) : undefined;
        if (flight !== undefined) return flight.join();
      }
      return this.#getChecked(source, options ?? {});
    } catch (error) {
      // A source's key may need credentials that are not there.
      return Promise.reject(error);
    }
  }

  /**
   * The identity's token if it is in memory and usable. Asks nobody and changes nothing.
   *
   * @throws TokenError `invalid_options` where credentials are missing
   */
  peek(source: TokenSource): AccessToken | undefined {
    return this.#memory.peek(source.key, instant(this.clock))?.token;
  }

  /** Drops the identity's token here and in the store, if it is the one with this id. The next caller waits for another. */
  async invalidate(source: TokenSource, tokenId: string): Promise<void> {
    this.#memory.invalidate(source, tokenId);
    await this.#shared?.delete(source.key, tokenId);
  }

  /** What is known of the clock of the source's host. */
  serverClock(source: TokenSource): ServerClock {
    return this.#issuer.serverClock(source);
  }

  /** Forgets all tokens and ends all flights: whoever waits gets a TokenError `closed`, and so does any later call. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const flights = [...this.#flights.values()];
    for (const flight of flights) flight.abort(closedError());
    for (const end of this.#waits) end(closedError());
    this.#memory.clear();
    this.#shared?.close();
    await Promise.allSettled(flights.map((flight) => flight.promise));
  }

  /** The same as {@link TokenCache.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Looks at both clocks and all options: what a hit that is vouched for need not do. */
  #getChecked(source: TokenSource, options: GetTokenOptions): Promise<AccessToken> {
    if (this.#isClosed) throw closedError();
    options.signal?.throwIfAborted();
    const now = instant(this.clock);
    const held = this.#memory.get(source);
    // A refusal of any other token than the current one is late news: the current one is the answer (case 8).
    if (options.refusedTokenId !== undefined && (held === undefined || held.token.id === options.refusedTokenId)) {
      return this.#replaceRefused(source, held, options.refusedTokenId, options, now);
    }
    if (options.forceRefresh) return this.#renew(source, "forced", options, now);
    if (held === undefined) return this.#renew(source, "missing", options, now);
    switch (freshness(held.life, now)) {
      case "fresh":
        held.vouch(now);
        this.#report(source, { type: "hit", tokenId: held.token.id });
        return held.promise;
      case "stale":
        this.#report(source, { type: "stale_hit", tokenId: held.token.id });
        if (!this.#sharedFlights) return this.#renewInFront(source, held, options, now);
        this.#renewBehind(source, now);
        return held.promise;
      case "expired":
        return this.#renew(source, "expired", options, now);
    }
  }

  /** Waits for the running flight, or for a new one unless the last failed just now. */
  #renew(source: TokenSource, reason: IssueReason, options: GetTokenOptions, now: Instant): Promise<AccessToken> {
    const { signal, refusedTokenId: refused } = options;
    let flight = this.#flights.get(source.key);
    if (flight !== undefined && refused !== undefined && flight.refusedTokenId !== refused) {
      // It set out before the refusal was known and may bring that very token: see what it brings, then decide anew.
      return flight.landed(signal).then(() => this.getToken(source, options));
    }
    if (flight === undefined) {
      const error = this.#memory.rememberedFailure(source.key, now, false);
      if (error !== undefined) throw error;
      flight = this.#startFlight(source, reason, false);
    } else {
      this.#report(source, { type: "flight_joined", reason });
    }
    const token = flight.join(signal);
    return refused === undefined ? token : token.then((got) => unlessRefused(got, refused, source.provider));
  }

  #renewBehind(source: TokenSource, now: Instant): void {
    if (this.#flights.has(source.key) || this.#memory.rememberedFailure(source.key, now, true)) return;
    this.#startFlight(source, "stale", true);
  }

  /** Where nothing outlives its request, a caller waits for the renewal; that it failed is not theirs to hear. */
  #renewInFront(source: TokenSource, held: HeldToken, options: GetTokenOptions, now: Instant): Promise<AccessToken> {
    if (this.#memory.rememberedFailure(source.key, now, true)) return held.promise;
    return this.#renew(source, "stale", options, now).catch((error) => {
      if (options.signal?.aborted) throw error;
      return held.token;
    });
  }

  /** Drops a token that the API refused and gets another one, or says that there is none. */
  #replaceRefused(
    source: TokenSource,
    held: HeldToken | undefined,
    refused: string,
    options: GetTokenOptions,
    now: Instant,
  ): Promise<AccessToken> {
    if (held !== undefined) {
      if (this.#memory.isBeyondHelp(source.key, refused, now)) throw refusedError(source.provider);
      const settlesInMs = (source.policy.propagationMs ?? 0) - elapsedMs(held.life.startedAt, now);
      if (settlesInMs > 0) return this.#waitOut(settlesInMs, options.signal).then(() => this.getToken(source));
      this.#shared?.delete(source.key, refused);
    }
    this.#memory.refuse(source.key, refused);
    return this.#renew(source, "refused", options, now);
  }

  /** The API's nodes may not know a token yet that is this young (case 26). */
  #waitOut(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = this.clock.setTimer(resolve, delayMs);
    timer.keepAlive();
    this.#waits.add(reject);
    return abortable(promise, signal).finally(() => {
      timer.cancel();
      this.#waits.delete(reject);
    });
  }

  #startFlight(source: TokenSource, reason: IssueReason, background: boolean): TokenFlight {
    const { key } = source;
    this.#report(source, { type: "flight_started", reason, background });
    const refusedTokenId = this.#memory.refusedTokenId(key);
    const flight = new TokenFlight(this.clock, refusedTokenId, (flight) => this.#fly(source, reason, flight));
    if (this.#sharedFlights) this.#flights.set(key, flight);
    // Before any caller hears of the outcome, so that one who tries again at once finds the failure remembered. And where
    // no caller does, a failure is no unhandled rejection (case 6).
    flight.promise.then(
      () => this.#flights.delete(key),
      (error: TokenError) => {
        this.#flights.delete(key);
        if (!this.#isClosed) this.#memory.failed(source, error, flight);
      },
    );
    return flight;
  }

  /** What a flight does: takes over another process's token where there is a store, else asks the provider. */
  async #fly(source: TokenSource, reason: IssueReason, flight: TokenFlight): Promise<AccessToken> {
    const steps: FlightSteps = {
      adopt: (found) => (reason === "forced" ? undefined : this.#memory.adopt(source, found, flight)),
      issue: async () => {
        const issued = await this.#issuer.issue(source, flight);
        // The cache may have been closed in the very moment of its arrival.
        flight.signal.throwIfAborted();
        return this.#memory.keep(source, issued, flight);
      },
    };
    try {
      checkRenewalPolicy(source.policy);
      const held = await (this.#shared?.obtain(source.key, flight, steps, this.#waitLimitMs) ?? steps.issue());
      return held.token;
    } catch (thrown) {
      throw asTokenError(thrown, source.provider);
    }
  }

  #report({ provider, key }: { provider: string; key: string }, detail: TokenEventDetail): void {
    if (this.#observer !== undefined) this.#observe({ provider, key, ...detail });
  }

  #observe(event: TokenEvent): void {
    try {
      this.#observer?.(event);
    } catch {
      // An observer looks on: its faults must not become the callers'.
    }
  }
}

function unlessRefused(token: AccessToken, refused: string, provider: string): AccessToken {
  if (token.id === refused) throw refusedError(provider);
  return token;
}

function refusedError(provider: string): TokenError {
  const message =
    "The API refuses this token, and another one does not help: it has not expired. Check the application's permissions " +
    "for this API, since a missing permission is answered like a bad token too.";
  return new TokenError("token_refused", { message, provider });
}

function closedError(): TokenError {
  return new TokenError("closed", { message: "This token cache is closed. Create a new one, or close it later." });
}
