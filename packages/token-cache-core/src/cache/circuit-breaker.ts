import { abortable } from "../abortable.ts";
import type {
  FoundToken,
  Lease,
  StoreChange,
  StoredToken,
  StoreOperation,
  TokenStore,
} from "../contract/token-store.ts";
import { backoffMs } from "../time/backoff.ts";
import { type Clock, elapsedMs, type Instant, instant } from "../time/clock.ts";

/** Hears of each failure of a store. `reason`: the error's name, or `timeout`. */
export type StoreFailureListener = (operation: StoreOperation, key: string, reason: string) => void;

/** A token, or the lease, or why there is neither: another process holds it, or the store has none to give. */
export type TokenOrLease = FoundToken | Lease | "held" | "unavailable";

/** A failed store is left alone for a second, and for longer while it keeps failing. */
const PAUSE = { baseMs: 1_000, capMs: 30_000 };

/**
 * A store whose troubles are nobody else's: nothing here throws or takes longer than the time limit, and after a failure
 * the store is left alone for a while (case 19).
 */
export class GuardedStore {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onFailure: StoreFailureListener;
  #failures = 0;
  #pause: { readonly since: Instant; readonly ms: number } | undefined;

  constructor(store: TokenStore, clock: Clock, timeoutMs: number, onFailure: StoreFailureListener) {
    this.#store = store;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onFailure = onFailure;
  }

  async set(key: string, token: StoredToken, remainingMs: number): Promise<void> {
    await this.#attempt("set", key, () => this.#store.set(key, token, remainingMs), undefined);
  }

  async delete(key: string, tokenId: string): Promise<void> {
    await this.#attempt("delete", key, () => this.#store.delete(key, tokenId), false);
  }

  /** A token with another id than the known one, or else the lease. */
  async getOrLease(key: string, holdMs: number, knownId: string | undefined): Promise<TokenOrLease> {
    const { getOrLease, lease } = this.#store;
    if (getOrLease !== undefined) return this.#lease(key, () => getOrLease.call(this.#store, key, holdMs, knownId));
    const found = await this.#getOther(key, knownId);
    if (found !== undefined) return found;
    if (lease === undefined) return "unavailable";
    const outcome = await this.#lease(key, () => lease.call(this.#store, key, holdMs));
    if (!isLease(outcome)) return outcome;
    // Another process may have issued and given the lease back since the first look (case 20).
    const foundNow = await this.#getOther(key, knownId);
    if (foundNow !== undefined) outcome.release();
    return foundNow ?? outcome;
  }

  /** Listens to what the store tells of itself, where it does. Returns how to stop. */
  listen(onChange: (change: StoreChange) => void): () => void {
    try {
      const stops = [
        this.#store.changed?.(onChange),
        this.#store.unreadable?.(({ key, reason }) => this.#onFailure("get", key, reason)),
      ];
      return () => {
        for (const stop of stops) stop?.();
      };
    } catch (error) {
      this.#onFailure("listen", "", nameOf(error));
      return () => {};
    }
  }

  async #getOther(key: string, knownId: string | undefined): Promise<FoundToken | undefined> {
    const found = await this.#attempt("get", key, () => this.#store.get(key), undefined);
    const { id } = Object(found) as Partial<FoundToken>;
    return typeof id === "string" && id !== knownId ? found : undefined;
  }

  async #lease(key: string, ask: () => Promise<FoundToken | Lease | undefined>): Promise<TokenOrLease> {
    let isWanted = true;
    const take = async (): Promise<TokenOrLease> => {
      const outcome = checkTokenOrLease(await ask());
      // One that comes after the time limit would keep everybody else waiting for nothing.
      if (!isWanted && isLease(outcome)) outcome.release().catch(() => {});
      return outcome;
    };
    const outcome = await this.#attempt<TokenOrLease>("lease", key, take, "unavailable");
    isWanted = false;
    if (!isLease(outcome)) return outcome;
    return {
      extend: (ms) => this.#attempt("extend", key, () => outcome.extend(ms), false),
      release: () => this.#attempt("release", key, () => outcome.release(), undefined),
    };
  }

  async #attempt<T>(operation: StoreOperation, key: string, work: () => Promise<T>, otherwise: T): Promise<T> {
    const now = instant(this.#clock);
    if (this.#pause !== undefined && elapsedMs(this.#pause.since, now) < this.#pause.ms) return otherwise;
    const limit = new AbortController();
    const timer = this.#clock.setTimer(() => limit.abort(TIMEOUT), this.#timeoutMs);
    timer.keepAlive();
    try {
      const result = await abortable(callAsync(work), limit.signal);
      this.#failures = 0;
      this.#pause = undefined;
      return result;
    } catch (error) {
      this.#failures++;
      this.#pause = { since: instant(this.#clock), ms: backoffMs(this.#failures, PAUSE) };
      this.#onFailure(operation, key, error === TIMEOUT ? "timeout" : nameOf(error));
      return otherwise;
    } finally {
      timer.cancel();
    }
  }
}

const TIMEOUT = Symbol("timeout");

/** A store may also throw before it returns a promise. */
async function callAsync<T>(work: () => Promise<T>): Promise<T> {
  return await work();
}

/** What a store answers may be anything, if it is broken. A token is looked at where it is read. */
function checkTokenOrLease(answer: unknown): TokenOrLease {
  if (answer === undefined) return "held";
  const { payload, extend, release } = Object(answer) as Partial<FoundToken & Lease>;
  if (typeof payload === "string") return answer as FoundToken;
  if (typeof extend === "function" && typeof release === "function") return answer as Lease;
  throw new TypeError("Neither a token nor a lease nor undefined.");
}

/** Tells a lease from all else. */
export function isLease(outcome: TokenOrLease): outcome is Lease {
  return typeof outcome === "object" && "release" in outcome;
}

/** A client's own error text may hold what was stored, so only its name is told. */
function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
