import { type AccessToken, createAccessToken } from "../contract/access-token.ts";
import type { IssuedToken, TokenSource } from "../contract/token-source.ts";
import { elapsedMs, type Instant } from "../time/clock.ts";
import { BoundedMapEntry } from "./bounded-map.ts";
import { freshness, type TokenLife } from "./freshness.ts";

/**
 * After a full check of both clocks, a cache hit reads only the wall clock for this long. A wall clock that is set back
 * delays a refresh by at most this time.
 */
const VOUCHED_FOR_MS = 1_000;

/**
 * A token in memory, with the resolved promise that every cache hit returns. A process may hold 100,000 of them. So it
 * stores numbers in place of objects, and reads `issuedAt` and `expiresAt` from the token.
 */
export class CachedToken extends BoundedMapEntry {
  readonly provider: string;
  readonly token: AccessToken;
  readonly promise: Promise<AccessToken>;
  readonly #startedMonotonic: number;
  readonly #staleAfterMs: number;
  readonly #unusableAfterMs: number;
  /**
   * Until this wall time the token is fresh, and a cache hit reads no other clock. Negative: the time of a use that found
   * the token stale or expired. One field for both keeps the token small.
   */
  #vouchedUntil = 0;

  constructor({ provider, key }: TokenSource, token: AccessToken, life: TokenLife) {
    super(key);
    this.provider = provider;
    this.token = token;
    this.promise = Promise.resolve(token);
    // V8 allocates an object for a number with a fraction.
    this.#startedMonotonic = Math.floor(life.startedAt.monotonic);
    this.#staleAfterMs = Math.floor(life.staleAfterMs);
    this.#unusableAfterMs = Math.floor(life.unusableAfterMs);
  }

  get life(): TokenLife {
    const { issuedAt, expiresAt } = this.token;
    return {
      startedAt: { wall: issuedAt, monotonic: this.#startedMonotonic },
      lifetimeMs: expiresAt - issuedAt,
      staleAfterMs: this.#staleAfterMs,
      unusableAfterMs: this.#unusableAfterMs,
    };
  }

  /** When it becomes stale: epoch ms. */
  get staleAt(): number {
    return this.token.issuedAt + this.#staleAfterMs;
  }

  /** When it is no longer handed out: ms of the monotonic clock. */
  get usableUntil(): number {
    return this.#startedMonotonic + this.#unusableAfterMs;
  }

  isVouchedFor(wallMs: number): boolean {
    const leftMs = this.#vouchedUntil - wallMs;
    return leftMs > 0 && leftMs <= VOUCHED_FOR_MS;
  }

  /** Remembers that a full check found the token fresh. */
  vouch(now: Instant): void {
    const { startedAt, staleAfterMs } = this.life;
    const freshForMs = staleAfterMs - elapsedMs(startedAt, now);
    this.#vouchedUntil = now.wall + Math.min(VOUCHED_FOR_MS, freshForMs);
  }

  /** Remembers that a full check found the token stale or expired. */
  usedWhenDue(now: Instant): void {
    this.#vouchedUntil = -now.wall;
  }

  /** The time since the last use, in ms, accurate to a second. The issue counts as a use. */
  idleMs(now: Instant): number {
    return Math.max(0, now.wall - Math.max(this.token.issuedAt, Math.abs(this.#vouchedUntil)));
  }

  /** Whether the token may be handed out. */
  isUsable(now: Instant): boolean {
    return freshness(this.life, now) !== "expired";
  }
}

/** A token, with a life that began when its request was sent. */
export function cachedToken(
  source: TokenSource,
  { value, tokenType, scope }: Pick<IssuedToken, "value" | "tokenType" | "scope">,
  life: TokenLife,
): CachedToken {
  const token = createAccessToken({
    value,
    tokenType: tokenType ?? "Bearer",
    scope,
    issuedAt: life.startedAt.wall,
    expiresAt: life.startedAt.wall + life.lifetimeMs,
  });
  return new CachedToken(source, token, life);
}
