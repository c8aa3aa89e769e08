import { tokenId } from "../contract/access-token.ts";
import type { FailureReading, TokenReading } from "../contract/telemetry.ts";
import { TokenError } from "../contract/token-error.ts";
import type { Reporter } from "../contract/token-events.ts";
import type { IssuedToken, TokenSource } from "../contract/token-source.ts";
import { isRotating } from "../contract/token-source.ts";
import { type Clock, elapsedMs, type Instant, instant } from "../time/clock.ts";
import { BoundedMap } from "./bounded-map.ts";
import { type CachedToken, cachedToken } from "./cached-token.ts";
import type { Flight } from "./flight.ts";
import { freshness, lifeOfSameToken, outlives, remainingMs, type TokenLife, tokenLife } from "./freshness.ts";
import type { NegativeCache } from "./negative-cache.ts";
import { earlierEnd, lifeUntil, type StoredEnd } from "./sharing/stored-end.ts";

/** The shortest time between two token requests of an identity whose tokens live even shorter (case 47). */
const LEAST_PACE_MS = 1_000;

/** The share of the jitter if a rate limit spreads the renewals: they begin early, since each may wait for its turn. */
const PACED_JITTER = 0.1;

/** What a {@link Memory} is made from. */
export interface MemoryInit {
  readonly maxIdentities: number;
  readonly clock: Clock;
  readonly negative: NegativeCache;
  /** Whether the source's token requests wait for a rate limit. */
  isPaced(source: TokenSource): boolean;
  readonly report: Reporter;
}

/** The tokens of a process, by identity. Bounded. */
export class Memory {
  readonly #tokens: BoundedMap<CachedToken>;
  readonly #negative: NegativeCache;
  /** The token that was found last for a source, so that a cache hit needs no key. */
  readonly #bySource = new WeakMap<TokenSource, CachedToken>();
  /** The source of the last hit, and its token: repeated hits of one identity need no look-up. */
  #lastSource: TokenSource | undefined;
  #lastFound: CachedToken | undefined;
  readonly #clock: Clock;
  readonly #isPaced: MemoryInit["isPaced"];
  readonly #report: Reporter;

  constructor({ maxIdentities, clock, negative, isPaced, report }: MemoryInit) {
    this.#tokens = new BoundedMap(maxIdentities, (evicted) =>
      report(evicted, { type: "evicted", tokenId: evicted.token.id, reason: "capacity" }),
    );
    this.#clock = clock;
    this.#negative = negative;
    this.#isPaced = isPaced;
    this.#report = report;
  }

  /** The source's token, fresh or not. */
  get(source: TokenSource): CachedToken | undefined {
    const last = source === this.#lastSource ? this.#lastFound : this.#bySource.get(source);
    if (last !== undefined && this.#tokens.use(last)) {
      if (source !== this.#lastSource) this.#found(source, last);
      return last;
    }
    // After a rotation, another token may have replaced the last one under the key of the earlier credentials.
    const cached = this.#tokens.get(source.key) ?? (last && this.#tokens.get(last.key));
    this.#found(source, cached);
    if (cached !== undefined) this.#bySource.set(source, cached);
    else if (last !== undefined) this.#bySource.delete(source);
    return cached;
  }

  #found(source: TokenSource, cached: CachedToken | undefined): void {
    this.#lastSource = source;
    this.#lastFound = cached;
  }

  /**
   * {@link Memory.get}, or the token of the newest credentials, once there is one. Until then, a source whose
   * credentials have changed keeps the token of the earlier ones.
   */
  newest(source: TokenSource, now: Instant): CachedToken | undefined {
    const last = this.get(source);
    if (last === undefined || !isRotating(source) || last.key === source.key) return last;
    const renewed = this.peek(source.key, now);
    if (renewed === undefined) return last;
    this.#bySource.set(source, renewed);
    this.#found(source, renewed);
    return renewed;
  }

  /** The source's token if it is usable. Does not count as a use. */
  usable(source: TokenSource, now: Instant): CachedToken | undefined {
    const last = this.#bySource.get(source);
    return this.peek(source.key, now) ?? (last && this.peek(last.key, now));
  }

  /** The token if it is usable. Does not count as a use. */
  peek(key: string, now: Instant): CachedToken | undefined {
    const cached = this.#tokens.peek(key);
    return cached?.isUsable(now) ? cached : undefined;
  }

  /** How long to wait for the next token request because the last token was so short-lived, in ms. */
  paceMs(key: string, now: Instant): number {
    const life = this.#tokens.peek(key)?.life;
    if (life === undefined || life.lifetimeMs >= LEAST_PACE_MS) return 0;
    return LEAST_PACE_MS - elapsedMs(life.startedAt, now);
  }

  /** Drops the token with this id. Until the provider itself sends it again, it does not come back from the store. */
  invalidate(key: string, tokenId: string): void {
    const cached = this.#tokens.peek(key);
    const isCurrent = cached?.token.id === tokenId;
    this.#negative.entry(key).dropped(tokenId, isCurrent ? cached.life : undefined, instant(this.#clock));
    if (!isCurrent) return;
    this.#tokens.delete(key);
    this.#report(cached, { type: "evicted", tokenId, reason: "invalidated" });
  }

  /** Drops the token with this id, because the API refused it. */
  refuse(key: string, tokenId: string): void {
    const cached = this.#tokens.peek(key);
    const negative = this.#negative.entry(key);
    const isCurrent = cached?.token.id === tokenId;
    const now = instant(this.#clock);
    if (isCurrent || (cached === undefined && negative.findDropped(tokenId) === undefined)) {
      negative.refused(tokenId, now);
    }
    negative.dropped(tokenId, isCurrent ? cached.life : undefined, now);
    if (!isCurrent) return;
    this.#tokens.delete(key);
    this.#report(cached, { type: "refused", tokenId });
  }

  /**
   * Believes an earlier end of our own token in the store: another process may know better. A later end may be the
   * guess of a process that did not see its first answer (cases 33, 40).
   */
  believe(source: TokenSource, end: StoredEnd): void {
    const current = this.#tokens.peek(source.key);
    if (current?.token.id !== end.id || source.policy.extendsSameToken) return;
    const now = instant(this.#clock);
    const life = lifeUntil(source.policy, end, current.life.lifetimeMs);
    if (outlives(current.life, life, now)) this.#tokens.set(cachedToken(source, current.token, life));
  }

  /**
   * Adopts another process's token if it is usable, was not dropped, and is news. News is another token that lives
   * longer, or the same one, if the provider is known to extend. A token that is no news may be new to this flight:
   * another flight of this process brought it.
   */
  adopt(source: TokenSource, found: IssuedToken, flight: Flight): CachedToken | undefined {
    const now = instant(this.#clock);
    const { key, policy } = source;
    const id = tokenId(found.value);
    const foundLife = this.#lifeOf(source, found);
    const seenEnd = policy.extendsSameToken ? undefined : flight.seenEnd(id);
    const seenLife = seenEnd && lifeUntil(policy, seenEnd, found.lifetimeMs);
    const cached = cachedToken(source, found, earlierEnd(foundLife, seenLife, now) ?? foundLife);
    const current = this.#tokens.peek(key);
    if (current?.token.id === id && !policy.extendsSameToken) return this.#broughtMeanwhile(source, flight, now);
    if (!cached.isUsable(now) || this.#negative.droppedIds(key).includes(id)) return undefined;
    if (current !== undefined && !outlives(cached.life, current.life, now)) {
      return this.#broughtMeanwhile(source, flight, now);
    }
    this.#negative.succeeded(key, id, "store", flight.refusedTokenIds, now);
    this.#tokens.set(cached);
    return this.#adopted(source, cached, flight, now);
  }

  /** The token that another flight brought since this one started (case 35), if it is usable. */
  #broughtMeanwhile(source: TokenSource, flight: Flight, now: Instant): CachedToken | undefined {
    const { startedWith } = flight;
    const current = this.peek(source.key, now);
    // The same token may be another object because its expiry was found to be earlier. Only an extension is news.
    const isSame = current?.token.id === startedWith?.token.id && !source.policy.extendsSameToken;
    return current === undefined || current === startedWith || isSame
      ? undefined
      : this.#adopted(source, current, flight, now);
  }

  #adopted(source: TokenSource, cached: CachedToken, { startedAt, watcher }: Flight, now: Instant): CachedToken {
    const { id, expiresAt } = cached.token;
    this.#report(source, { type: "adopted", tokenId: id, expiresAt, durationMs: elapsedMs(startedAt, now) }, watcher);
    return cached;
  }

  /**
   * Checks that an answer is not outdated: then the next one brings a better token (case 4).
   *
   * @throws TokenError `token_refused` if its token was dropped after the request was sent; `timeout` if its token expired
   *   on its way, or while the machine slept
   */
  checkUpToDate(source: TokenSource, issued: IssuedToken): void {
    const { key, provider } = source;
    const { value, lifetimeMs, sentAt } = issued;
    const now = instant(this.#clock);
    const dropped = this.#negative.peek(key)?.findDropped(tokenId(value));
    const isDropped = dropped !== undefined && dropped.at.monotonic > sentAt.monotonic;
    if (!isDropped && elapsedMs(sentAt, now) < lifetimeMs) return;
    // The provider may send it again, and name its full lifetime once more (case 33).
    this.#negative.entry(key).dropped(tokenId(value), dropped?.life ?? this.#lifeOf(source, issued), now);
    if (isDropped) {
      const message = "The token was refused or invalidated while the provider's answer was on its way. Call again.";
      throw new TokenError("token_refused", { message, provider, retryable: true });
    }
    const message =
      "The token expired before the provider's answer arrived: the answer was slow, or this machine slept. Call again.";
    throw new TokenError("timeout", { message, provider });
  }

  /**
   * Keeps an issued token. If the provider sends the same token again, the outcome is `unchanged`, without a refresh
   * storm (case 3).
   */
  keep(source: TokenSource, issued: IssuedToken, flight: Flight): CachedToken {
    const now = instant(this.#clock);
    const issuedLife = this.#lifeOf(source, issued);
    let cached = cachedToken(source, issued, issuedLife);
    const { id } = cached.token;

    const current = this.#tokens.peek(source.key);
    const negative = this.#negative.peek(source.key);
    const newestStart = Math.max(current?.life.startedAt.monotonic ?? 0, negative?.newestDropped ?? 0);
    const held = [current, flight.startedWith].find((each) => each?.token.id === id);
    const ownLife = held?.life ?? negative?.findDropped(id)?.life;
    const seenEnd = flight.seenEnd(id);
    const seenLife = seenEnd && lifeUntil(source.policy, seenEnd, issued.lifetimeMs);
    const knownLife = earlierEnd(ownLife, seenLife, issued.sentAt);
    if (knownLife !== undefined) {
      cached = cachedToken(source, issued, lifeOfSameToken(source.policy, knownLife, issuedLife, now));
    }
    this.#negative.succeeded(source.key, id, "provider", flight.refusedTokenIds, now);
    // Without shared flights, an older answer may arrive after a newer one. Another flight may also have brought the
    // successor of the token that this flight started with (case 35).
    const isOvertaken = held !== undefined && held !== current && current?.isUsable(now);
    const isOlder = current?.token.id !== id && issued.sentAt.monotonic < newestStart;
    if (!isOlder && !isOvertaken) this.#tokens.set(cached);

    const type = knownLife === undefined ? "issued" : "unchanged";
    const { expiresAt } = cached.token;
    const durationMs = elapsedMs(flight.startedAt, now);
    this.#report(source, { type, tokenId: id, expiresAt, durationMs }, flight.watcher);
    return cached;
  }

  /** All tokens. */
  *tokens(): Iterable<TokenReading> {
    const now = instant(this.#clock);
    for (const cached of this.#tokens.values()) {
      const { provider, key, life } = cached;
      const remaining = remainingMs(life, now);
      yield { provider, key, state: freshness(life, now), remainingMs: remaining, idleMs: cached.idleMs(now) };
    }
  }

  /** The identities whose last token request failed. */
  *failures(): Iterable<FailureReading> {
    const now = instant(this.#clock);
    for (const { key, failure } of this.#negative.values()) {
      if (failure === undefined) continue;
      const { provider, error, at } = failure;
      const usable = this.peek(key, now);
      const remaining = usable === undefined ? 0 : remainingMs(usable.life, now);
      yield { provider, key, code: error.code, agoMs: elapsedMs(at, now), remainingMs: remaining };
    }
  }

  clear(): void {
    this.#lastSource = undefined;
    this.#lastFound = undefined;
    this.#tokens.clear();
  }

  #lifeOf(source: TokenSource, { sentAt, lifetimeMs }: IssuedToken): TokenLife {
    const jitter = Math.random() * (this.#isPaced(source) ? PACED_JITTER : 1);
    return tokenLife(source.policy, sentAt, lifetimeMs, jitter);
  }
}
