import type { TokenError } from "../contract/token-error.ts";
import { backoffMs } from "../time/backoff.ts";
import { elapsedMs, type Instant } from "../time/clock.ts";
import { SieveEntry } from "./bounded-map.ts";
import type { TokenLife } from "./freshness.ts";

/** Behind the callers' backs, with a token in hand, there is time. */
const BACKGROUND_BACKOFF = { baseMs: 1_000, capMs: 30_000 };
/** Callers without a token want the next attempt soon; each flight has spent its own retries already. */
const FOREGROUND_BACKOFF = { baseMs: 1_000, capMs: 5_000 };
/** Wrong credentials do not mend themselves; somebody must have time to mend them (case 18). */
const PERMANENT_BACKOFF = { baseMs: 10_000, capMs: 60_000 };

/** So long it is believed that a refused token is all that the provider has to give. */
const CONFIRMED_FOR_MS = 60_000;

/** An API that refuses one new token after the other is given up on after a few, for longer each time. */
const QUICK_REFUSALS = 3;
const REFUSALS_BACKOFF = { baseMs: 5_000, capMs: 60_000 };
/** A token that did for this long shows that the refusals before it are past. */
const REFUSALS_PAST_MS = 5 * 60_000;

interface Refusal {
  /** Until another token is there. */
  readonly tokenId: string | undefined;
  readonly life: TokenLife | undefined;
  readonly at: Instant;
  /** How many tokens were refused, one after the other. */
  readonly inARow: number;
  /** When the provider was asked for another one and sent this one again. */
  readonly confirmedAt?: Instant;
}

/** What went wrong lately for one key, so that it is not asked for again too soon. */
export class Setback extends SieveEntry {
  #failure: { error: TokenError; count: number; at: Instant; random: number } | undefined;
  #refusal: Refusal | undefined;

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
  refused(tokenId: string, life: TokenLife | undefined, at: Instant): void {
    const before = this.#refusal;
    const isAnother = before !== undefined && elapsedMs(before.at, at) < REFUSALS_PAST_MS;
    this.#refusal = { tokenId, life, at, inARow: isAnother ? before.inARow + 1 : 1 };
  }

  /** A flight brought a token. `askedAnew`: it set out when the refusal was known. */
  succeeded(tokenId: string, askedAnew: boolean, now: Instant): void {
    this.#failure = undefined;
    if (this.#refusal === undefined) return;
    if (this.#refusal.tokenId !== tokenId) this.#refusal = { ...this.#refusal, tokenId: undefined, life: undefined };
    else if (askedAnew) this.#refusal = { ...this.#refusal, confirmedAt: now };
  }

  /** Whether there is nothing left to remember. */
  get isOver(): boolean {
    return this.#failure === undefined && this.#refusal === undefined;
  }

  /** Whether another token will not help now: the provider had none lately, or the API refused those that it had. */
  isBeyondHelp(tokenId: string, now: Instant): boolean {
    if (this.#refusal === undefined) return false;
    const { tokenId: refusedId, confirmedAt, at, inARow } = this.#refusal;
    if (refusedId === tokenId && confirmedAt !== undefined) return elapsedMs(confirmedAt, now) < CONFIRMED_FOR_MS;
    if (inARow <= QUICK_REFUSALS) return false;
    return elapsedMs(at, now) < backoffMs(inARow - QUICK_REFUSALS, REFUSALS_BACKOFF, 1);
  }
}
