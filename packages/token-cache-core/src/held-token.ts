import { AccessToken } from "./access-token.ts";
import { elapsedMs, type Instant } from "./clock.ts";
import { freshness, type TokenLife } from "./freshness.ts";
import { SieveEntry } from "./sieve-map.ts";
import type { IssuedToken, TokenSource } from "./token-source.ts";

/**
 * A full check of both clocks vouches for the token for so long by the wall clock alone. It bounds how much later than
 * planned a renewal begins if the wall clock is stepped back by less than this at just the wrong moment.
 */
const VOUCHED_FOR_MS = 1_000;

/** A token in memory, with the already resolved promise that every hit returns. */
export class HeldToken extends SieveEntry {
  readonly provider: string;
  readonly token: AccessToken;
  readonly life: TokenLife;
  readonly promise: Promise<AccessToken>;
  /** Wall-clock span in which the token is known to be fresh: a hit inside it reads one clock, once. */
  #vouchedFrom = 0;
  #vouchedUntil = 0;

  constructor({ provider, key }: TokenSource, token: AccessToken, life: TokenLife) {
    super(key);
    this.provider = provider;
    this.token = token;
    this.life = life;
    this.promise = Promise.resolve(token);
  }

  isVouchedFor(wallMs: number): boolean {
    return wallMs >= this.#vouchedFrom && wallMs < this.#vouchedUntil;
  }

  /** Notes that a full check found the token fresh. */
  vouch(now: Instant): void {
    const freshForMs = this.life.staleAfterMs - elapsedMs(this.life.startedAt, now);
    this.#vouchedFrom = now.wall;
    this.#vouchedUntil = now.wall + Math.min(VOUCHED_FOR_MS, freshForMs);
  }

  /** Whether it may be handed out at all. */
  isUsable(now: Instant): boolean {
    return freshness(this.life, now) !== "expired";
  }
}

/** An issued token, with a life that began when its request was sent. */
export function holdToken(source: TokenSource, issued: IssuedToken, life: TokenLife): HeldToken {
  const token = new AccessToken({
    value: issued.value,
    tokenType: issued.tokenType ?? "Bearer",
    scope: issued.scope,
    issuedAt: life.startedAt.wall,
    expiresAt: life.startedAt.wall + life.lifetimeMs,
  });
  return new HeldToken(source, token, life);
}
