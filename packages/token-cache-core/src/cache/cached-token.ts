import { type AccessToken, createAccessToken } from "../contract/access-token.ts";
import type { IssuedToken, TokenSource } from "../contract/token-source.ts";
import { elapsedMs, type Instant } from "../time/clock.ts";
import { BoundedMapEntry } from "./bounded-map.ts";
import { freshness, type TokenLife } from "./freshness.ts";

/**
 * A full check of both clocks vouches for the token for so long by the wall clock alone. It bounds how much later than
 * planned a renewal begins if the wall clock is stepped back by less than this at just the wrong moment.
 */
const VOUCHED_FOR_MS = 1_000;

/**
 * A token in memory, with the already resolved promise that every hit returns. There may be a hundred thousand of them,
 * so it keeps no object that it can do without: what the token knows of its life is kept there only.
 */
export class CachedToken extends BoundedMapEntry {
  readonly provider: string;
  readonly token: AccessToken;
  readonly promise: Promise<AccessToken>;
  readonly #startedMonotonic: number;
  readonly #staleAfterMs: number;
  readonly #unusableAfterMs: number;
  /** Up to then, and not long before, the token is known to be fresh by the wall clock: such a hit reads no other. */
  #vouchedUntil = 0;

  constructor({ provider, key }: TokenSource, token: AccessToken, life: TokenLife) {
    super(key);
    this.provider = provider;
    this.token = token;
    this.promise = Promise.resolve(token);
    // A number with a fraction is an object of its own.
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

  isVouchedFor(wallMs: number): boolean {
    const leftMs = this.#vouchedUntil - wallMs;
    return leftMs > 0 && leftMs <= VOUCHED_FOR_MS;
  }

  /** Notes that a full check found the token fresh. */
  vouch(now: Instant): void {
    const { startedAt, staleAfterMs } = this.life;
    const freshForMs = staleAfterMs - elapsedMs(startedAt, now);
    this.#vouchedUntil = now.wall + Math.min(VOUCHED_FOR_MS, freshForMs);
  }

  /** Whether it may be handed out at all. */
  isUsable(now: Instant): boolean {
    return freshness(this.life, now) !== "expired";
  }
}

/** An issued token, with a life that began when its request was sent. */
export function cachedToken(source: TokenSource, issued: IssuedToken, life: TokenLife): CachedToken {
  const token = createAccessToken({
    value: issued.value,
    tokenType: issued.tokenType ?? "Bearer",
    scope: issued.scope,
    issuedAt: life.startedAt.wall,
    expiresAt: life.startedAt.wall + life.lifetimeMs,
  });
  return new CachedToken(source, token, life);
}
