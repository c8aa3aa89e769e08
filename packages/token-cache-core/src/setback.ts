import { backoffMs } from "./backoff.ts";
import { elapsedMs, type Instant } from "./clock.ts";
import type { TokenLife } from "./freshness.ts";
import { SieveEntry } from "./sieve-map.ts";
import type { TokenError } from "./token-error.ts";

/** Behind the callers' backs, with a token in hand, there is time. */
const BACKGROUND_BACKOFF = { baseMs: 1_000, capMs: 30_000 };
/** Callers without a token want the next attempt soon; each flight has spent its own retries already. */
const FOREGROUND_BACKOFF = { baseMs: 1_000, capMs: 5_000 };
/** Wrong credentials do not mend themselves; somebody must have time to mend them (case 18). */
const PERMANENT_BACKOFF = { baseMs: 10_000, capMs: 60_000 };

/** So long it is believed that a refused token is all that the provider has to give. */
const CONFIRMED_FOR_MS = 60_000;

/** What went wrong lately for one key, so that it is not asked for again too soon. */
export class Setback extends SieveEntry {
  #failure: { error: TokenError; count: number; at: Instant; random: number } | undefined;
  #refusal: { tokenId: string; life: TokenLife | undefined; confirmedAt: Instant | undefined } | undefined;

  get refusedTokenId(): string | undefined {
    return this.#refusal?.tokenId;
  }

  /** The life of a refused token, as it was known before it was dropped. */
  lifeOfRefused(tokenId: string): TokenLife | undefined {
    return this.#refusal?.tokenId === tokenId ? this.#refusal.life : undefined;
  }

  /** A flight failed. */
  failed(error: TokenError, at: Instant): void {
    this.#failure = { error, count: (this.#failure?.count ?? 0) + 1, at, random: Math.random() };
  }

  /** The error to answer with instead of asking the provider again so soon. */
  remembered(now: Instant, inBackground: boolean): TokenError | undefined {
    if (this.#failure === undefined) return undefined;
    const { error, count, at, random } = this.#failure;
    const passing = inBackground ? BACKGROUND_BACKOFF : FOREGROUND_BACKOFF;
    const waitMs = backoffMs(count, error.retryable ? passing : PERMANENT_BACKOFF, random);
    return elapsedMs(at, now) < Math.max(waitMs, error.retryAfterMs ?? 0) ? error : undefined;
  }

  /** The API refused a token. */
  refused(tokenId: string, life: TokenLife | undefined): void {
    this.#refusal = { tokenId, life, confirmedAt: undefined };
  }

  /** The provider was asked for another token and sent the refused one again. */
  confirmed(now: Instant): void {
    this.#failure = undefined;
    if (this.#refusal !== undefined) this.#refusal.confirmedAt = now;
  }

  /** Whether a token was refused and the provider was asked lately, to no avail. */
  isConfirmed(tokenId: string, now: Instant): boolean {
    const { confirmedAt } = this.#refusal ?? {};
    return (
      this.#refusal?.tokenId === tokenId && confirmedAt !== undefined && elapsedMs(confirmedAt, now) < CONFIRMED_FOR_MS
    );
  }
}
