import type { TokenError } from "../contract/token-error.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { backoffMs } from "../time/backoff.ts";
import { elapsedMs, type Instant } from "../time/clock.ts";
import { BoundedMap, BoundedMapEntry } from "./bounded-map.ts";
import type { TokenLife } from "./freshness.ts";

/** A background refresh has time: there is a usable token. */
const BACKGROUND_BACKOFF = { baseMs: 1_000, capMs: 30_000 };
/** Callers without a token want the next attempt soon; each flight has spent its own retries already. */
const FOREGROUND_BACKOFF = { baseMs: 1_000, capMs: 5_000 };
/** A permanent error, such as wrong credentials, lasts until a person corrects it (case 18). */
const PERMANENT_BACKOFF = { baseMs: 10_000, capMs: 60_000 };

/** After the provider sent a refused token again, asking once more is useless for this long. */
const CONFIRMED_FOR_MS = 60_000;

/** Circuit breaker for an API that refuses every new token: it opens after a few, for longer each time. */
const QUICK_REFUSALS = 3;
const REFUSALS_BACKOFF = { baseMs: 5_000, capMs: 60_000 };
/** A token that was accepted for this long ends the count of refusals in a row. */
const REFUSALS_PAST_MS = 5 * 60_000;

/** How many dropped ids are remembered: a deletion that the store lost may bring them back. */
const MOST_DROPPED = 4;

interface Failure {
  readonly provider: string;
  readonly error: TokenError;
  readonly count: number;
  readonly at: Instant;
  readonly random: number;
}

interface Refusal {
  /** The token refused last, until another one arrives. */
  readonly tokenId: string | undefined;
  readonly at: Instant;
  /** How many tokens were refused, one after the other. */
  readonly inARow: number;
  /** When the provider sent this token again although another one was needed. */
  readonly confirmedAt?: Instant;
}

/** A token that was refused or invalidated, or that expired on its way, with its life as far as it was known. */
interface DroppedToken {
  readonly id: string;
  readonly life: TokenLife | undefined;
  readonly at: Instant;
}

/** Negative cache: what went wrong lately for each key, so that the provider is not asked again too soon. Bounded. */
export class NegativeCache {
  readonly #entries: BoundedMap<NegativeEntry>;

  constructor(maxEntries: number) {
    this.#entries = new BoundedMap(maxEntries);
  }

  /** What went wrong for the key, if anything did. Does not count as a use. */
  peek(key: string): NegativeEntry | undefined {
    return this.#entries.peek(key);
  }

  /** The key's entry, created if it is missing. */
  entry(key: string): NegativeEntry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = new NegativeEntry(key);
      this.#entries.set(entry);
    }
    return entry;
  }

  /** The error to answer with while the provider is left alone. */
  rememberedFailure(key: string, now: Instant, inBackground: boolean): TokenError | undefined {
    return this.#entries.get(key)?.rememberedFailure(now, inBackground);
  }

  /** The ids of tokens that only the provider may bring back. */
  droppedIds(key: string): readonly string[] {
    return this.peek(key)?.droppedIds ?? [];
  }

  /** Remembers that the provider failed. */
  failed({ provider, key }: TokenSource, error: TokenError, at: Instant): void {
    this.entry(key).failed(provider, error, at);
  }

  /** A flight brought a token: see {@link NegativeEntry.succeeded}. */
  succeeded(key: string, ...outcome: Parameters<NegativeEntry["succeeded"]>): void {
    const entry = this.peek(key);
    entry?.succeeded(...outcome);
    if (entry?.isEmpty) this.#entries.delete(key);
  }

  /** Forgets that the provider refused the credentials of this key. */
  forgetRefusedCredentials(key: string): void {
    const entry = this.peek(key);
    if (entry?.lastError?.code === "invalid_credentials") entry.forgetFailure();
  }

  /** All entries. */
  values(): Iterable<NegativeEntry> {
    return this.#entries.values();
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** What went wrong lately for one key. */
export class NegativeEntry extends BoundedMapEntry {
  #failure: Failure | undefined;
  #refusal: Refusal | undefined;
  #dropped: readonly DroppedToken[] = [];

  /** A flight failed. */
  failed(provider: string, error: TokenError, at: Instant): void {
    this.#failure = { provider, error, count: (this.#failure?.count ?? 0) + 1, at, random: Math.random() };
  }

  /** The last failure, unless the provider has answered with a token since. */
  get failure(): Pick<Failure, "provider" | "error" | "at"> | undefined {
    return this.#failure;
  }

  /** The next caller may ask the provider at once. */
  forgetFailure(): void {
    this.#failure = undefined;
  }

  /** Why the last flight failed, until the provider issues a token. */
  get lastError(): TokenError | undefined {
    return this.#failure?.error;
  }

  /** The error to answer with while the provider is left alone. */
  rememberedFailure(now: Instant, inBackground: boolean): TokenError | undefined {
    if (this.#failure === undefined) return undefined;
    const { error, count, at, random } = this.#failure;
    const transient = inBackground ? BACKGROUND_BACKOFF : FOREGROUND_BACKOFF;
    const waitMs = backoffMs(count, error.retryable ? transient : PERMANENT_BACKOFF, random);
    return elapsedMs(at, now) < Math.max(waitMs, error.retryAfterMs ?? 0) ? error : undefined;
  }

  /** The ids of tokens that were refused or invalidated and that the provider has not sent again since. */
  get droppedIds(): readonly string[] {
    return this.#dropped.map(({ id }) => id);
  }

  /** A refused or invalidated token, as it was known before it was dropped. */
  findDropped(tokenId: string): DroppedToken | undefined {
    return this.#dropped.find(({ id }) => id === tokenId);
  }

  /** When the newest of the dropped tokens was issued, on the monotonic clock. */
  get newestDropped(): number {
    return Math.max(...this.#dropped.map(({ life }) => life?.startedAt.monotonic ?? Number.NEGATIVE_INFINITY));
  }

  /**
   * A token was refused or invalidated, or expired on its way: only the provider may bring it back. Later reports of the
   * same token are no news: nobody got it since.
   */
  dropped(id: string, life: TokenLife | undefined, at: Instant): void {
    const before = this.findDropped(id);
    const others = this.#dropped.filter((each) => each.id !== id);
    this.#dropped = [...others, { id, life: life ?? before?.life, at: before?.at ?? at }].slice(-MOST_DROPPED);
  }

  /** The API refused the current token. */
  refused(tokenId: string, at: Instant): void {
    const before = this.#refusal;
    const isAnother = before !== undefined && elapsedMs(before.at, at) < REFUSALS_PAST_MS;
    this.#refusal = { tokenId, at, inARow: isAnother ? before.inARow + 1 : 1 };
  }

  /** A flight brought a token, from the provider itself or from another process. */
  succeeded(tokenId: string, from: "provider" | "store", refusedAtStart: readonly string[], now: Instant): void {
    // Another process's token does not end a wait that the provider asked for, such as Retry-After.
    if (from === "provider") this.#failure = undefined;
    if (this.#refusal?.tokenId === tokenId) {
      if (refusedAtStart.includes(tokenId)) this.#refusal = { ...this.#refusal, confirmedAt: now };
    } else if (this.#refusal !== undefined) {
      this.#refusal = { ...this.#refusal, tokenId: undefined };
    }
    if (from === "provider") this.#dropped = this.#dropped.filter(({ id }) => id !== tokenId);
  }

  /** Whether another token will not help now: the provider had none lately, or the API refused those that it had. */
  isBeyondHelp(tokenId: string, now: Instant): boolean {
    if (this.#refusal === undefined) return false;
    const { tokenId: refusedId, confirmedAt, at, inARow } = this.#refusal;
    if (refusedId === tokenId && confirmedAt !== undefined) return elapsedMs(confirmedAt, now) < CONFIRMED_FOR_MS;
    if (inARow <= QUICK_REFUSALS) return false;
    return elapsedMs(at, now) < backoffMs(inARow - QUICK_REFUSALS, REFUSALS_BACKOFF, 1);
  }

  /** Whether there is nothing left to remember. */
  get isEmpty(): boolean {
    return this.#failure === undefined && this.#refusal === undefined && this.#dropped.length === 0;
  }
}
