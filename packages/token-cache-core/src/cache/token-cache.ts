import type { AccessToken } from "../contract/access-token.ts";
import type { CallPacer } from "../contract/rate-limits.ts";
import { checkRenewalPolicy } from "../contract/renewal-policy.ts";
import type { GetTokenOptions, TokenCacheLike } from "../contract/token-cache-like.ts";
import { TokenError } from "../contract/token-error.ts";
import type { IssueReason } from "../contract/token-events.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { isRotating, type RotatingSource } from "../contract/token-source.ts";
import type { TokenState } from "../contract/token-state.ts";
import { ownMembers } from "../own-members.ts";
import { LaneCallPacer } from "../rate-limit/call-pacer.ts";
import { Lanes } from "../rate-limit/lanes.ts";
import { type Clock, elapsedMs, type Instant, instant, systemClock } from "../time/clock.ts";
import type { ServerClock } from "../time/server-clock.ts";
import { CacheEvents } from "./cache-events.ts";
import type { CachedToken } from "./cached-token.ts";
import { CallerWaits } from "./caller-waits.ts";
import { CredentialsInUse } from "./credentials-in-use.ts";
import { Flight } from "./flight.ts";
import { freshness } from "./freshness.ts";
import { inspect } from "./inspect.ts";
import type { IssueSlot } from "./issue-slot.ts";
import { asTokenError, Issuer } from "./issuer.ts";
import { Memory } from "./memory.ts";
import { NegativeCache } from "./negative-cache.ts";
import { Adoption } from "./sharing/adoption.ts";
import type { HeldLease } from "./sharing/held-lease.ts";
import { SharedTokens } from "./sharing/shared-tokens.ts";
import { checkCacheOptions, type TokenCacheOptions } from "./token-cache-options.ts";

/** On a machine that is awake, the two clocks differ by less: a wall clock counts whole ms, and is slewed. */
const SLEPT_AT_LEAST_MS = 1_000;

/**
 * Holds the tokens of many identities. Issues each token once for all callers (single flight). Refreshes it in the
 * background before it expires (stale-while-revalidate). Keeps serving it when a refresh fails. One per process is
 * enough.
 */
export class TokenCache implements TokenCacheLike {
  /** The clocks of this cache. */
  readonly clock: Clock;
  /** Sends API calls by the providers' limits. */
  readonly pacer: CallPacer;
  readonly #memory: Memory;
  readonly #negative: NegativeCache;
  /** The running flights that callers join, by key. */
  readonly #flights = new Map<string, Flight>();
  /** All running flights. */
  readonly #running = new Set<Flight>();
  readonly #issuer: Issuer;
  readonly #credentials: CredentialsInUse;
  readonly #lanes: Lanes;
  readonly #shared: SharedTokens | undefined;
  readonly #adoption: Adoption | undefined;
  readonly #events: CacheEvents;
  readonly #sharedFlights: boolean;
  /** The sources whose credentials and token are renewed in the background. */
  readonly #renewing = new WeakSet<RotatingSource>();
  /** Waits for young tokens and for credentials. */
  readonly #waits: CallerWaits;
  #isClosed = false;

  /** @throws TokenError `invalid_options` naming the option that is wrong */
  constructor(given: TokenCacheOptions = {}) {
    const options = ownMembers(given);
    const limits = checkCacheOptions(options);
    this.clock = options.clock ?? systemClock;
    const events = new CacheEvents(options.observer);
    this.#events = events;
    this.#waits = new CallerWaits(this.clock);
    this.#sharedFlights = limits.sharedFlights;
    this.#negative = new NegativeCache(limits.maxIdentities);
    this.#memory = new Memory({
      maxIdentities: limits.maxIdentities,
      clock: this.clock,
      negative: this.#negative,
      isPaced: ({ rateLimit }) => rateLimit !== undefined && this.#lanes.areTokensPaced(rateLimit),
      report: events.report,
    });
    this.#credentials = new CredentialsInUse(this.clock, limits.sharedFlights, this.#negative, events.report);
    this.#shared =
      options.store &&
      new SharedTokens(options.store, this.clock, limits.storeTimeoutMs, {
        onFailure: (operation, key, reason) => events.observe({ type: "store_failed", operation, key, reason }),
        onRefused: (key, tokenId) => this.#memory.refuse(key, tokenId),
        isDropped: (key, tokenId) => this.#negative.droppedIds(key).includes(tokenId),
      });
    this.#lanes = new Lanes({
      clock: this.clock,
      shared: options.store?.take && this.#shared?.lanes(),
      sharedQueues: limits.sharedFlights,
      observe: (event) => events.observe(event),
    });
    this.#issuer = new Issuer(this.clock, limits, this.#lanes, (event) => events.observe(event));
    this.pacer = new LaneCallPacer(this.#lanes);
    this.#adoption = this.#shared && new Adoption(this.#shared, this.#memory, this.clock, limits.flightTimeoutMs);
    if (options.telemetry === undefined) return;
    events.watchedBy(options.telemetry, {
      clock: this.clock,
      tokens: () => this.#memory.tokens(),
      failures: () => this.#memory.failures(),
      clocks: () => this.#issuer.clocks(),
      applications: () => this.#lanes.applications(),
      isStoreFailing: () => this.#shared?.isFailing,
    });
  }

  /**
   * The identity's token. A fresh one comes from memory, and so does a stale one, while a background refresh runs.
   * Otherwise the caller waits for the single flight.
   *
   * @throws TokenError the flight's failure; or the caller's own abort reason
   */
  getToken(source: TokenSource, options?: GetTokenOptions): Promise<AccessToken> {
    try {
      // The hot path: one clock read, and a promise that is resolved already.
      if (options === undefined && this.#events.observer === undefined) {
        const cached = this.#memory.get(source);
        if (cached?.isVouchedFor(this.clock.wall())) {
          this.#events.hit(cached);
          return cached.promise;
        }
        // On a cold cache the first of a thousand callers has started the flight. The others join it, unless a refusal
        // may mean that the credentials have changed.
        const isPlain = cached === undefined && this.#events.watcher === undefined && !isRotating(source);
        const flight = isPlain ? this.#flights.get(source.key) : undefined;
        if (flight !== undefined) return flight.join();
      }
      return this.#getChecked(source, options ?? {});
    } catch (error) {
      // The source's key may need credentials that are missing.
      return Promise.reject(error);
    }
  }

  /**
   * The identity's token if it is in memory and usable. Sends nothing and changes nothing.
   *
   * @throws TokenError `invalid_options` if credentials are missing
   */
  peek(source: TokenSource): AccessToken | undefined {
    return this.#memory.usable(source, instant(this.clock))?.token;
  }

  /** What is known about the identity at this moment. Sends nothing, changes nothing, throws nothing. */
  inspect(source: TokenSource): TokenState {
    const state = inspect(source, {
      clock: this.clock,
      memory: this.#memory,
      negative: this.#negative,
      shared: this.#shared,
    });
    return this.#isClosed ? { ...state, lastError: closedError() } : state;
  }

  /** Drops the identity's token from memory and store, if it has this id. The next caller waits for another token. */
  async invalidate(source: TokenSource, tokenId: string): Promise<void> {
    const { key } = isRotating(source)
      ? (source.rotation.current ?? (await this.#credentials.resolve(source)))
      : source;
    // After a rotation, the usable token may be of the earlier credentials.
    const keys = new Set([key, this.#memory.get(source)?.key ?? key]);
    for (const each of keys) this.#memory.invalidate(each, tokenId);
    await Promise.all([...keys].map((each) => this.#shared?.delete(each, tokenId)));
  }

  /** What is known about the clock of the source's host. */
  serverClock(source: TokenSource): ServerClock {
    return this.#issuer.serverClock(source);
  }

  /** Drops all tokens and ends all flights. Waiting and later calls fail with the TokenError `closed`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#events.close();
    for (const flight of this.#running) flight.close(closedError());
    this.#waits.end(closedError());
    this.#lanes.end(closedError());
    this.#memory.clear();
    this.#negative.clear();
    this.#shared?.close();
  }

  /** The same as {@link TokenCache.close}, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Checks both clocks and all options, which a vouched cache hit need not. */
  #getChecked(source: TokenSource, options: GetTokenOptions): Promise<AccessToken> {
    if (this.#isClosed) throw closedError();
    options.signal?.throwIfAborted();
    const now = instant(this.clock);
    const cached = this.#memory.newest(source, now);
    const { refusedTokenId } = options;
    if (refusedTokenId !== undefined) {
      const isCurrent = cached === undefined || cached.token.id === refusedTokenId;
      if (isCurrent) return this.#replaceRefused(source, cached, refusedTokenId, options, now);
      // A late refusal of an older token: the current token is the answer (case 8). The store may still hold the older
      // one (case 32).
      this.#memory.refuse(cached.key, refusedTokenId);
    }
    if (options.forceRefresh) return this.#renew(source, "forced", options, now);
    if (cached === undefined) return this.#renew(source, "missing", options, now);
    switch (freshness(cached.life, now)) {
      case "fresh":
        cached.vouch(now);
        this.#events.hit(cached);
        return cached.promise;
      case "stale":
        cached.usedWhenDue(now);
        this.#events.staleHit(cached);
        if (!this.#sharedFlights) return this.#renewInForeground(source, cached, options, now);
        this.#renewInBackground(source, now);
        return cached.promise;
      case "expired":
        cached.usedWhenDue(now);
        return this.#renew(source, "expired", options, now);
    }
  }

  /** Waits for the running flight, or starts one. */
  #renew(source: TokenSource, reason: IssueReason, options: GetTokenOptions, now: Instant): Promise<AccessToken> {
    const { signal, refusedTokenId } = options;
    if (isRotating(source)) {
      const token = this.#credentials.use(source, async (current) => {
        const got = await this.#getChecked(current, options);
        // Should the credentials change, the source keeps this token.
        this.#memory.get(source);
        return got;
      });
      return this.#waits.for(token, signal);
    }
    let flight = this.#flights.get(source.key);
    if (flight !== undefined && refusedTokenId !== undefined && !flight.refusedTokenIds.includes(refusedTokenId)) {
      // It started before the refusal was known and may bring the same token: decide again when it has ended.
      return flight.landed(signal).then(() => this.getToken(source, options));
    }
    if (flight === undefined) {
      // A remembered failure stops requests to the provider, not the adoption of another process's token (case 38).
      const failure = this.#negative.rememberedFailure(source.key, now, false);
      if (failure !== undefined && (this.#shared === undefined || reason === "forced")) throw failure;
      flight = this.#startFlight(source, reason, false, failure);
    } else {
      flight.watcher?.joined();
      this.#events.report(source, { type: "flight_joined", reason });
    }
    const token = flight.join(signal);
    return refusedTokenId === undefined
      ? token
      : token.then((got) => unlessRefused(got, refusedTokenId, source.provider));
  }

  #renewInBackground(source: TokenSource, now: Instant): void {
    if (isRotating(source)) this.#renewRotatingInBackground(source);
    else this.#flyInBackground(source, now);
  }

  #flyInBackground(source: TokenSource, now: Instant): Flight | undefined {
    const running = this.#flights.get(source.key);
    if (running !== undefined || this.#negative.rememberedFailure(source.key, now, true)) return running;
    return this.#startFlight(source, "stale", true);
  }

  #renewRotatingInBackground(source: RotatingSource): void {
    if (this.#renewing.has(source)) return;
    this.#renewing.add(source);
    const renewal = this.#credentials.use(source, async (current) => {
      const now = instant(this.clock);
      const cached = this.#memory.peek(current.key, now);
      const isFresh = cached !== undefined && freshness(cached.life, now) === "fresh";
      if (!this.#isClosed && !isFresh) await this.#flyInBackground(current, now)?.promise;
    });
    renewal.catch(() => {}).finally(() => this.#renewing.delete(source));
  }

  /** If nothing outlives its request, the caller waits for the refresh, but gets no error of it. */
  #renewInForeground(
    source: TokenSource,
    cached: CachedToken,
    options: GetTokenOptions,
    now: Instant,
  ): Promise<AccessToken> {
    if (this.#negative.rememberedFailure(source.key, now, true)) return cached.promise;
    return this.#renew(source, "stale", options, now).catch((error) => {
      const usable = this.#memory.usable(source, instant(this.clock));
      if (options.signal?.aborted || usable === undefined) throw error;
      return usable.token;
    });
  }

  /** Drops a token that the API refused and gets another one, or fails if there is none. */
  #replaceRefused(
    source: TokenSource,
    cached: CachedToken | undefined,
    refusedTokenId: string,
    options: GetTokenOptions,
    now: Instant,
  ): Promise<AccessToken> {
    const key = cached?.key ?? source.key;
    if (cached !== undefined) {
      if (this.#negative.peek(key)?.isBeyondHelp(refusedTokenId, now)) throw refusedError(source.provider);
      const { signal } = options;
      const settlesInMs = (source.policy.propagationMs ?? 0) - elapsedMs(cached.life.startedAt, now);
      // The API's nodes may not know such a young token yet (case 26).
      if (settlesInMs > 0) return this.#waits.pause(settlesInMs, signal).then(() => this.getToken(source, { signal }));
      this.#shared?.delete(key, refusedTokenId);
    }
    // With other credentials, the renewal below knows the key.
    if (cached !== undefined || !isRotating(source)) this.#memory.refuse(key, refusedTokenId);
    return this.#renew(source, "refused", options, now);
  }

  #startFlight(source: TokenSource, reason: IssueReason, background: boolean, rememberedFailure?: TokenError): Flight {
    const watcher = this.#events.watcher?.flight(source, reason, background);
    const droppedIds = this.#negative.droppedIds(source.key);
    const cached = this.#memory.get(source);
    const flight = new Flight(this.clock, droppedIds, cached, watcher);
    if (background && cached !== undefined) flight.neededAt = cached.usableUntil;
    this.#running.add(flight);
    if (this.#sharedFlights) this.#flights.set(source.key, flight);
    this.#events.report(source, { type: "flight_started", reason, background });
    flight.run(async () => {
      const token = await this.#fly(source, reason, flight, rememberedFailure);
      return this.#unlessSleptThrough(source, token, flight.startedAt);
    });
    return flight;
  }

  /** Gets another token if the machine slept during the write to the store, past the token's end. */
  #unlessSleptThrough(source: TokenSource, token: AccessToken, since: Instant): AccessToken | Promise<AccessToken> {
    const { wall, monotonic } = instant(this.clock);
    const sleptMs = wall - since.wall - (monotonic - since.monotonic);
    return wall >= token.expiresAt && sleptMs >= SLEPT_AT_LEAST_MS ? this.getToken(source) : token;
  }

  /** One flight, top to bottom: another process's token or the lease → issue → keep → share → end the lease. */
  async #fly(
    source: TokenSource,
    reason: IssueReason,
    flight: Flight,
    rememberedFailure: TokenError | undefined,
  ): Promise<AccessToken> {
    const slot = this.#issuer.slot(source, flight);
    let lease: HeldLease | undefined;
    try {
      if (rememberedFailure !== undefined) throw rememberedFailure;
      checkRenewalPolicy(source.policy);
      // Without a store, the token request is sent within this call of `getToken`.
      const found = this.#adoption && (await this.#adoption.tokenOrLease(source, reason, flight, slot));
      if (found?.type === "token") return found.cached.token;
      if (found?.type === "lease") lease = found.lease;
      const cached = await this.#issue(source, flight, slot);
      // From now on callers find the token in memory. The callers of this flight wait for the store too (storeTimeoutMs
      // at most): a script that exits next has then shared its token.
      this.#leave(source.key, flight);
      await this.#shared?.share(cached);
      return cached.token;
    } catch (thrown) {
      const error = asTokenError(thrown, source.provider);
      if (error !== rememberedFailure) this.#negative.failed(source, error, instant(this.clock));
      // A failure stops requests to the provider, not the adoption of another process's token (case 38).
      const adopted = await this.#adoption?.token(source, flight);
      if (adopted !== undefined) return adopted.token;
      const usable = this.#reportFailure(source, flight, error);
      // Without shared flights, another one may have brought a token meanwhile.
      if (usable === undefined || reason === "forced" || reason === "stale") throw error;
      return usable.token;
    } finally {
      slot.free();
      lease?.end();
      this.#running.delete(flight);
      this.#leave(source.key, flight);
    }
  }

  #leave(key: string, flight: Flight): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  /** A token from the provider, in memory. */
  async #issue(source: TokenSource, flight: Flight, slot: IssueSlot): Promise<CachedToken> {
    const paceMs = this.#memory.paceMs(source.key, instant(this.clock));
    if (paceMs > 0) await flight.sleep(paceMs);
    const issued = await this.#issuer.issue(source, flight, slot, (answer) =>
      this.#memory.checkUpToDate(source, answer),
    );
    flight.signal.throwIfAborted();
    return this.#memory.keep(source, issued, flight);
  }

  /** Reports that the flight failed. Returns the token that is still usable. */
  #reportFailure(source: TokenSource, flight: Flight, { code }: TokenError): CachedToken | undefined {
    const now = instant(this.clock);
    const usable = this.#memory.peek(source.key, now);
    const durationMs = elapsedMs(flight.startedAt, now);
    const servedTokenId = usable?.token.id;
    this.#events.report(source, { type: "renewal_failed", code, durationMs, servedTokenId }, flight.watcher);
    return usable;
  }
}

function unlessRefused(token: AccessToken, refusedTokenId: string, provider: string): AccessToken {
  if (token.id === refusedTokenId) throw refusedError(provider);
  return token;
}

function refusedError(provider: string): TokenError {
  const message =
    "The API refuses this token, and the provider issues no other one: it has not expired. Check the application's " +
    "permissions for this API. A missing permission gets the same answer as a bad token.";
  return new TokenError("token_refused", { message, provider });
}

function closedError(): TokenError {
  return new TokenError("closed", { message: "This token cache is closed. Create a new one, or close it later." });
}
