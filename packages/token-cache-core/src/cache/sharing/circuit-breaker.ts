import { abortable } from "../../abortable.ts";
import type { TurnGrant, TurnRequest } from "../../contract/lane-turns.ts";
import { TokenError } from "../../contract/token-error.ts";
import {
  type DeleteReason,
  type FoundToken,
  isNews,
  type KnownToken,
  type Lease,
  type StoreChange,
  type StoredToken,
  type StoreOperation,
  type TokenOrLease,
  type TokenStore,
  type UnreadableEntry,
} from "../../contract/token-store.ts";
import { backoffMs } from "../../time/backoff.ts";
import { type Clock, elapsedMs, type Instant, instant } from "../../time/clock.ts";
import {
  checkFoundToken,
  checkLease,
  checkTokenOrLease,
  checkTurnGrant,
  readStoreChange,
  readUnreadableEntry,
} from "./store-answers.ts";
import { warnOfUnusableStore } from "./store-warning.ts";

/** Receives each failure of a store. `reason`: a {@link TokenError}'s code, another error's name, or `timeout`. */
export type StoreFailureListener = (operation: StoreOperation, key: string, reason: string) => void;

/**
 * What {@link TokenStore.getOrLease} answers, or that the store is paused or failed. `known`: the entry, if it is no
 * news.
 */
export type GuardedTokenOrLease = (TokenOrLease | { readonly type: "unavailable" }) & {
  readonly known?: FoundToken | undefined;
};

/** The pause after a failure. It grows while the store keeps failing. */
const PAUSE = { baseMs: 1_000, capMs: 30_000 };

/** Failures count together while less time than this passes between them: twice the longest pause. */
const IN_A_ROW_WITHIN_MS = 60_000;

/**
 * How often lanes look for a paused store, in ms. Processes that have it again take all turns of the limit, so that own
 * turns beside them exceed it.
 */
const LOOK_INTERVAL_MS = 1_000;

/** The state of a store whose last operation failed. */
interface Outage {
  /** Failures in a row. */
  readonly failures: number;
  readonly failedAt: Instant;
  readonly pauseMs: number;
}

/** Circuit breaker around a store: never throws, bounds every operation's time, and pauses after a failure (case 19). */
export class StoreCircuitBreaker {
  readonly #store: TokenStore;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #onFailure: StoreFailureListener;
  #outage: Outage | undefined;
  /** When a lane looked for the store last, on the monotonic clock. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #hasWarned = false;

  constructor(store: TokenStore, clock: Clock, timeoutMs: number, onFailure: StoreFailureListener) {
    this.#store = store;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#onFailure = onFailure;
  }

  /** Whether the last operation failed. */
  get isFailing(): boolean {
    return this.#outage !== undefined;
  }

  /** `onWritten` is called when the store has the token, which may be long after the time limit. */
  async set(key: string, token: StoredToken, remainingMs: number, onWritten: () => void): Promise<void> {
    const write = async () => {
      await this.#store.set(key, token, remainingMs);
      onWritten();
    };
    await this.#attempt("set", key, write, undefined);
  }

  async delete(key: string, tokenId: string, reason: DeleteReason): Promise<void> {
    await this.#attempt("delete", key, () => this.#store.delete(key, tokenId, reason), false);
  }

  /** The key's token. */
  async get(key: string): Promise<FoundToken | undefined> {
    const ask = async () => checkFoundToken(await this.#store.get(key));
    return await this.#attempt<FoundToken | undefined>("get", key, ask, undefined);
  }

  /** The token, if it is news; else the lease. */
  async getOrLease(key: string, holdMs: number, known: KnownToken | undefined): Promise<GuardedTokenOrLease> {
    const { getOrLease, lease } = this.#store;
    if (getOrLease !== undefined) {
      const ask = async () => checkTokenOrLease(await getOrLease.call(this.#store, key, holdMs, known));
      return await this.#lease("getOrLease", key, ask);
    }
    const found = await this.get(key);
    if (found !== undefined && isNews(found, known)) return { type: "token", token: found };
    if (lease === undefined) return { ...UNAVAILABLE, known: found };
    const outcome = await this.#lease("lease", key, async () => {
      const taken = checkLease(await lease.call(this.#store, key, holdMs));
      return taken === undefined ? { type: "held" } : { type: "lease", lease: taken };
    });
    if (outcome.type !== "lease") return { ...outcome, known: found };
    // Another process may have issued and given the lease back since the first look (case 20).
    const foundNow = await this.get(key);
    if (foundNow === undefined || !isNews(foundNow, known)) return { ...outcome, known: foundNow };
    outcome.lease.release();
    return { type: "token", token: foundNow };
  }

  /** Turns in a lane. `undefined` if the store has no lanes, is paused or fails. During a pause, looks if it is back. */
  async take(group: string, lane: string, request: TurnRequest): Promise<TurnGrant | undefined> {
    const { take } = this.#store;
    if (take === undefined) return undefined;
    const ask = async (request: TurnRequest) => ({ answer: await take.call(this.#store, group, lane, request) });
    if (this.#isPaused()) {
      this.#look(group, () => ask({ ...request, count: 0 }));
      return undefined;
    }
    const taken = await this.#attempt<{ answer: unknown } | undefined>("take", group, () => ask(request), undefined);
    if (taken === undefined) return undefined;
    try {
      return checkTurnGrant(taken.answer, request);
    } catch (error) {
      // A lane that went wrong does not pause the sharing of tokens.
      this.#report("take", group, error);
      return undefined;
    }
  }

  /** Listens to the store's change notices, if it has any. Returns a function that stops it. */
  listen(onChange: (change: StoreChange) => void, onUnreadable: (entry: UnreadableEntry) => void): () => void {
    const stops: unknown[] = [];
    try {
      stops.push(
        this.#store.changed?.((notice) => {
          const change = readStoreChange(notice);
          if (change !== undefined) onChange(change);
        }),
        this.#store.unreadable?.((report) => {
          const entry = readUnreadableEntry(report);
          if (entry === undefined) return;
          this.#onFailure("get", entry.key, entry.reason);
          onUnreadable(entry);
        }),
      );
    } catch (error) {
      this.#report("listen", "", error);
    }
    return () => stops.forEach(callIfFunction);
  }

  /** Asks the store, to end the pause if it answers. Nobody waits: if the store hangs, turns would come late. */
  #look(group: string, ask: () => Promise<unknown>): void {
    const now = this.#clock.monotonic();
    if (now - this.#lookedAt < LOOK_INTERVAL_MS) return;
    this.#lookedAt = now;
    this.#attempt("take", group, ask, undefined, true);
  }

  async #lease(operation: StoreOperation, key: string, ask: () => Promise<TokenOrLease>): Promise<GuardedTokenOrLease> {
    let isWanted = true;
    const take = async () => {
      const outcome = await ask();
      // Release a lease that arrives after the timeout: nobody will use it.
      if (!isWanted && outcome.type === "lease") outcome.lease.release().catch(() => {});
      return outcome;
    };
    const outcome = await this.#attempt<GuardedTokenOrLease>(operation, key, take, UNAVAILABLE);
    isWanted = false;
    if (outcome.type !== "lease") return outcome;
    const { extend, release } = outcome.lease;
    const lease: Lease = {
      extend: (ms) => this.#attempt("extend", key, () => extend(ms), false),
      // A lease that is kept holds up the other processes, so its release is tried during a pause too.
      release: () => this.#attempt("release", key, release, undefined, true),
    };
    return { type: "lease", lease };
  }

  async #attempt<T>(
    operation: StoreOperation,
    key: string,
    work: () => Promise<T>,
    otherwise: T,
    duringPause = false,
  ): Promise<T> {
    const isPaused = this.#isPaused();
    if (isPaused && !duringPause) return otherwise;
    const outageBefore = this.#outage;
    const limit = new AbortController();
    const timer = this.#clock.setTimer(() => limit.abort(TIMEOUT), this.#timeoutMs);
    timer.keepAlive();
    try {
      const result = await abortable(callAsync(work), limit.signal);
      this.#outage = undefined;
      return result;
    } catch (error) {
      // Operations that began before the last failure or in its pause fail for the same reason: they count once (case
      // 37).
      if (this.#outage === outageBefore && !isPaused) this.#outage = outageAfter(outageBefore, instant(this.#clock));
      this.#report(operation, key, error);
      return otherwise;
    } finally {
      timer.cancel();
    }
  }

  #isPaused(): boolean {
    return this.#outage !== undefined && elapsedMs(this.#outage.failedAt, instant(this.#clock)) < this.#outage.pauseMs;
  }

  /** Reports a failure. Warns once if the store cannot work as it is set up (case 55). */
  #report(operation: StoreOperation, key: string, error: unknown): void {
    const isUnusable = TokenError.is(error) && error.code === "invalid_options";
    if (isUnusable && !this.#hasWarned) {
      this.#hasWarned = true;
      warnOfUnusableStore(error.message);
    }
    this.#onFailure(operation, key, error === TIMEOUT ? "timeout" : reasonOf(error));
  }
}

/** Counts a failure. One that is long past says nothing about the store now (case 37). */
function outageAfter(before: Outage | undefined, failedAt: Instant): Outage {
  const isInARow = before !== undefined && elapsedMs(before.failedAt, failedAt) < IN_A_ROW_WITHIN_MS;
  const failures = isInARow ? before.failures + 1 : 1;
  return { failures, failedAt, pauseMs: backoffMs(failures, PAUSE) };
}

const UNAVAILABLE: GuardedTokenOrLease = { type: "unavailable" };

const TIMEOUT = Symbol("timeout");

/** A store may also throw before it returns a promise. */
async function callAsync<T>(work: () => Promise<T>): Promise<T> {
  return await work();
}

function callIfFunction(stop: unknown): void {
  try {
    if (typeof stop === "function") stop();
  } catch {
    // The store is not used any more.
  }
}

/** A foreign error's text may hold what was stored, so only its name is reported. */
function reasonOf(error: unknown): string {
  if (TokenError.is(error)) return error.code;
  return error instanceof Error ? error.name : typeof error;
}
