import { abortable } from "./abortable.ts";
import type { AccessToken } from "./access-token.ts";
import { type Clock, elapsedMs, type Instant, instant, systemClock } from "./clock.ts";
import { freshness, lifeOfSameToken, tokenLife } from "./freshness.ts";
import { type HeldToken, holdIssued } from "./held-token.ts";
import { checkRenewalPolicy } from "./renewal-policy.ts";
import type { ServerClock } from "./server-clock.ts";
import { Setback } from "./setback.ts";
import { SieveMap } from "./sieve-map.ts";
import { TokenError } from "./token-error.ts";
import type { IssueReason, TokenEvent, TokenEventDetail, TokenObserver } from "./token-events.ts";
import { TokenFlight } from "./token-flight.ts";
import { asTokenError, TokenIssuer } from "./token-issuer.ts";
import type { IssuedToken, TokenSource } from "./token-source.ts";

/** Options of a {@link TokenCache}; each default is right for most. */
export interface TokenCacheOptions {
  /** How many identities are kept in memory; those not used lately make room. Default 10,000. */
  readonly maxIdentities?: number | undefined;
  /** How long callers wait for a new token at most, retries included, in ms. Default 15,000. */
  readonly flightTimeoutMs?: number | undefined;
  /** How many requests one flight sends at most while the provider fails. Default 3. */
  readonly maxAttempts?: number | undefined;
  /** How many token requests run at once to one origin. Default 8. */
  readonly maxConcurrentIssues?: number | undefined;
  /** Sees every {@link TokenEvent}. Costs each hit an object and a call. */
  readonly observer?: TokenObserver | undefined;
  /** For tests only. */
  readonly clock?: Clock | undefined;
}

/** Options of one {@link TokenCache.getToken} call. */
export interface GetTokenOptions {
  /** Ends this caller's waiting, and nobody else's. */
  readonly signal?: AbortSignal | undefined;
  /** Asks the provider though the token is fresh. A provider with a re-issue window sends the same one again. */
  readonly forceRefresh?: boolean | undefined;
  /** The {@link AccessToken.id} of a token that the API refused: it is dropped, if it is still the current one. */
  readonly refused?: string | undefined;
}

/**
 * Holds the tokens of many identities: issues each once for all callers, renews it before it expires, and goes on
 * serving it when a renewal fails. One per process is enough.
 */
export class TokenCache {
  readonly #held: SieveMap<HeldToken>;
  readonly #setbacks: SieveMap<Setback>;
  readonly #flights = new Map<string, TokenFlight>();
  readonly #issuer: TokenIssuer;
  /** The clocks that this cache goes by. */
  readonly clock: Clock;
  readonly #observer: TokenObserver | undefined;
  #isClosed = false;

  /** @throws TokenError `invalid_options` naming the option that is wrong */
  constructor(options: TokenCacheOptions = {}) {
    const limits = {
      maxAttempts: positiveInteger("maxAttempts", options.maxAttempts ?? 3),
      flightTimeoutMs: positiveInteger("flightTimeoutMs", options.flightTimeoutMs ?? 15_000),
      maxConcurrentIssues: positiveInteger("maxConcurrentIssues", options.maxConcurrentIssues ?? 8),
    };
    const maxIdentities = positiveInteger("maxIdentities", options.maxIdentities ?? 10_000);
    this.clock = options.clock ?? systemClock;
    this.#observer = options.observer;
    this.#issuer = new TokenIssuer(this.clock, limits, (event) => this.#observe(event));
    this.#setbacks = new SieveMap(maxIdentities);
    this.#held = new SieveMap(maxIdentities, (held) =>
      this.#report(held, { type: "evicted", tokenId: held.token.id, reason: "capacity" }),
    );
  }

  /**
   * The identity's token: from memory where it is fresh, or stale with a renewal behind; otherwise as soon as the one
   * shared flight brings it.
   *
   * @throws TokenError what the flight ended with; or the caller's own abort reason
   */
  getToken(source: TokenSource, options?: GetTokenOptions): Promise<AccessToken> {
    try {
      // The hot path: one look-up, one clock read, and a promise that is resolved already.
      if (options === undefined && this.#observer === undefined) {
        const held = this.#held.get(source.key);
        if (held?.isVouchedFor(this.clock.wall())) return held.promise;
      }
      return this.#getChecked(source, options ?? {});
    } catch (error) {
      // A source's key may need credentials that are not there.
      return Promise.reject(error);
    }
  }

  /** The identity's token if it is in memory and usable. Asks nobody and changes nothing. */
  peek(source: TokenSource): AccessToken | undefined {
    const held = this.#held.peek(source.key);
    return held?.isUsable(instant(this.clock)) ? held.token : undefined;
  }

  /** Drops the identity's token, if it is the one with this id. The next caller waits for a new one. */
  async invalidate(source: TokenSource, tokenId: string): Promise<void> {
    if (this.#held.peek(source.key)?.token.id !== tokenId) return;
    this.#held.delete(source.key);
    this.#report(source, { type: "evicted", tokenId, reason: "invalidated" });
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
    this.#held.clear();
    this.#setbacks.clear();
    await Promise.allSettled(flights.map((flight) => flight.promise));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Looks at both clocks and all options: what a hit that is vouched for need not do. */
  #getChecked(source: TokenSource, options: GetTokenOptions): Promise<AccessToken> {
    if (this.#isClosed) throw closedError();
    options.signal?.throwIfAborted();
    const now = instant(this.clock);
    const held = this.#held.get(source.key);
    // A refusal of any other token than the current one is late news: the current one is the answer (case 8).
    if (options.refused !== undefined && (held === undefined || held.token.id === options.refused)) {
      return this.#replaceRefused(source, held, options.refused, options, now);
    }
    if (held === undefined) return this.#renew(source, "missing", options, now);
    if (options.forceRefresh) return this.#renew(source, "forced", options, now);
    switch (freshness(held.life, now)) {
      case "fresh":
        held.vouch(now);
        this.#report(source, { type: "hit", tokenId: held.token.id });
        return held.promise;
      case "stale":
        this.#report(source, { type: "stale_hit", tokenId: held.token.id });
        this.#renewBehind(source, now);
        return held.promise;
      case "expired":
        return this.#renew(source, "expired", options, now);
    }
  }

  /** Waits for the running flight, or for a new one unless the last failed just now. */
  #renew(source: TokenSource, reason: IssueReason, options: GetTokenOptions, now: Instant): Promise<AccessToken> {
    const { signal, refused } = options;
    let flight = this.#flights.get(source.key);
    if (flight !== undefined && refused !== undefined && flight.refusedTokenId !== refused) {
      // It set out before the refusal was known and may bring that very token: see what it brings, then decide anew.
      const landed = flight.promise.then(ignore, ignore);
      return abortable(landed, signal).then(() => this.getToken(source, options));
    }
    if (flight === undefined) {
      const error = this.#setbacks.get(source.key)?.remembered(now, false);
      if (error !== undefined) throw error;
      flight = this.#startFlight(source, reason, false);
    } else {
      this.#report(source, { type: "flight_joined", reason });
    }
    const token = flight.join(signal);
    return refused === undefined ? token : token.then((got) => unlessRefused(got, refused, source.provider));
  }

  #renewBehind(source: TokenSource, now: Instant): void {
    if (this.#flights.has(source.key) || this.#setbacks.get(source.key)?.remembered(now, true)) return;
    this.#startFlight(source, "stale", true);
  }

  /** Drops a token that the API refused and gets another one, or says that there is none. */
  #replaceRefused(
    source: TokenSource,
    held: HeldToken | undefined,
    refused: string,
    options: GetTokenOptions,
    now: Instant,
  ): Promise<AccessToken> {
    const setback = this.#setbacks.get(source.key) ?? new Setback(source.key);
    if (held !== undefined) {
      if (setback.isConfirmed(refused, now)) throw refusedError(source.provider);
      const settlesInMs = (source.policy.propagationMs ?? 0) - elapsedMs(held.life.startedAt, now);
      if (settlesInMs > 0) return this.#waitOut(settlesInMs, options.signal).then(() => held.token);
      this.#held.delete(source.key);
      setback.refused(refused, held.life);
      this.#report(source, { type: "refused", tokenId: refused });
    } else if (setback.refusedTokenId === undefined) {
      setback.refused(refused, undefined);
    }
    this.#setbacks.set(setback);
    return this.#renew(source, "refused", options, now);
  }

  /** The API's nodes may not know a token yet that is this young (case 26). */
  #waitOut(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const waited = new Promise<void>((resolve) => this.clock.setTimer(resolve, delayMs).keepAlive());
    return abortable(waited, signal);
  }

  #startFlight(source: TokenSource, reason: IssueReason, background: boolean): TokenFlight {
    const { key } = source;
    this.#report(source, { type: "flight_started", reason, background });
    const refusedTokenId = this.#setbacks.peek(key)?.refusedTokenId;
    const flight = new TokenFlight(this.clock, refusedTokenId, (flight) => this.#fly(source, flight));
    this.#flights.set(key, flight);
    const land = () => this.#flights.delete(key);
    flight.promise.then(land, land);
    return flight;
  }

  async #fly(source: TokenSource, flight: TokenFlight): Promise<AccessToken> {
    try {
      checkRenewalPolicy(source.policy);
      return this.#keep(source, await this.#issuer.issue(source, flight), flight);
    } catch (thrown) {
      const error = asTokenError(thrown, source.provider);
      this.#rememberFailure(source, error, flight);
      throw error;
    }
  }

  /** Puts an issued token into memory. The same one coming back is an outcome of its own and starts no storm (case 3). */
  #keep(source: TokenSource, issued: IssuedToken, flight: TokenFlight): AccessToken {
    const now = instant(this.clock);
    const issuedLife = tokenLife(source.policy, issued.sentAt, issued.lifetimeMs);
    let held = holdIssued(source, issued, issuedLife);
    const tokenId = held.token.id;

    const setback = this.#setbacks.peek(source.key);
    const before = this.#held.peek(source.key);
    const lifeBefore = before?.token.id === tokenId ? before.life : setback?.lifeOfRefused(tokenId);
    if (lifeBefore !== undefined) {
      held = holdIssued(source, issued, lifeOfSameToken(source.policy, lifeBefore, issuedLife, now));
    }
    if (flight.refusedTokenId === tokenId) setback?.confirmed(now);
    else this.#setbacks.delete(source.key);
    if (!this.#isClosed) this.#held.set(held);

    const type = lifeBefore === undefined ? "issued" : "unchanged";
    const { expiresAt } = held.token;
    this.#report(source, { type, tokenId, expiresAt, durationMs: elapsedMs(flight.startedAt, now) });
    return held.token;
  }

  #rememberFailure(source: TokenSource, error: TokenError, flight: TokenFlight): void {
    if (this.#isClosed) return;
    const now = instant(this.clock);
    const setback = this.#setbacks.get(source.key) ?? new Setback(source.key);
    setback.failed(error, now);
    this.#setbacks.set(setback);
    const held = this.#held.peek(source.key);
    this.#report(source, {
      type: "renewal_failed",
      code: error.code,
      durationMs: elapsedMs(flight.startedAt, now),
      servedTokenId: held?.isUsable(now) ? held.token.id : undefined,
    });
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

function ignore(): void {}

function unlessRefused(token: AccessToken, refused: string, provider: string): AccessToken {
  if (token.id === refused) throw refusedError(provider);
  return token;
}

function refusedError(provider: string): TokenError {
  const message =
    "The API refuses this token, and the provider sends the same one again: it has not expired. " +
    "Check the application's permissions for this API, since a missing permission is answered like a bad token too.";
  return new TokenError("token_refused", { message, provider });
}

function closedError(): TokenError {
  return new TokenError("closed", { message: "This token cache is closed. Create a new one, or close it later." });
}

function positiveInteger(option: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) > 0) return value as number;
  throw new TokenError("invalid_options", { message: `The option ${option} must be a whole number above 0.` });
}
