import { abortable } from "../abortable.ts";
import type { AccessToken } from "../contract/access-token.ts";
import type { FlightWatcher } from "../contract/telemetry.ts";
import { TokenError } from "../contract/token-error.ts";
import type { TokenSource } from "../contract/token-source.ts";
import { type Clock, type Instant, instant, type Timer } from "../time/clock.ts";
import type { CachedToken } from "./cached-token.ts";
import type { StoredEnd } from "./sharing/stored-end.ts";

/**
 * Single flight: one shared attempt to get a new token for a key. No caller owns it. It ends by itself, when its token
 * requests exceed their time limit, or when the cache is closed.
 */
export class Flight {
  readonly startedAt: Instant;
  /**
   * The ids of refused tokens that were known at the start. If the provider sends one of them again, it has no better
   * one.
   */
  readonly refusedTokenIds: readonly string[];
  /** When the token is needed, in ms of the monotonic clock. Minus infinity, which is now, once a caller waits. */
  neededAt = Number.NEGATIVE_INFINITY;
  /** The process's token at the start, usable or not. */
  readonly startedWith: CachedToken | undefined;
  /** For metrics and traces. */
  readonly watcher: FlightWatcher | undefined;
  /** The outcome. Never an unhandled rejection, since a background refresh has no caller (case 6). */
  readonly promise: Promise<AccessToken>;
  readonly #clock: Clock;
  readonly #seenEnds = new Map<string, StoredEnd>();
  readonly #controller = new AbortController();
  readonly #settle: Omit<PromiseWithResolvers<AccessToken>, "promise">;
  #joined: Promise<AccessToken> | undefined;
  #waiting = 0;
  #hurry: () => void = ignore;
  #keepAlive: Timer | undefined;

  constructor(
    clock: Clock,
    refusedTokenIds: readonly string[],
    startedWith: CachedToken | undefined,
    watcher: FlightWatcher | undefined,
  ) {
    this.#clock = clock;
    this.watcher = watcher;
    this.startedAt = instant(clock);
    this.refusedTokenIds = refusedTokenIds;
    this.startedWith = startedWith;
    const { promise, ...settle } = Promise.withResolvers<AccessToken>();
    this.promise = promise;
    this.#settle = settle;
    promise.catch(() => {});
  }

  /** Aborts when the token requests exceed their time limit, and when the cache is closed. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Remembers a token's end as the store reports it. The earliest report counts (case 33). */
  sees(end: StoredEnd): void {
    const before = this.#seenEnds.get(end.id);
    const endOf = ({ readAt, remainingMs }: StoredEnd) => readAt.monotonic + remainingMs;
    if (before === undefined || endOf(end) < endOf(before)) this.#seenEnds.set(end.id, end);
  }

  /** The end of the token with this id, if the store has reported it. */
  seenEnd(tokenId: string): StoredEnd | undefined {
    return this.#seenEnds.get(tokenId);
  }

  /** Starts the work. Its outcome is the flight's. */
  run(work: () => Promise<AccessToken>): void {
    const outcome = this.watcher === undefined ? work() : this.watcher.run(work);
    outcome.then(this.#settle.resolve, this.#settle.reject);
  }

  /** Sends one token request. */
  request<T>(send: () => Promise<T>): Promise<T> {
    return this.watcher === undefined ? send() : this.watcher.request(send);
  }

  /** Waits for the outcome. The caller's signal ends only this caller's wait (case 7). */
  join(signal?: AbortSignal): Promise<AccessToken> {
    if (signal !== undefined) return this.#keptAlive(abortable(this.promise, signal));
    // Callers without a signal share one wait: a thousand of them cost no more than one.
    this.#joined ??= this.#keptAlive(this.promise);
    return this.#joined;
  }

  /** Calls back when the first caller waits for the token of a background refresh. */
  onUrgent(hurry: () => void): void {
    this.#hurry = hurry;
  }

  /** Waits for the end of the flight, whatever its outcome. */
  landed(signal: AbortSignal | undefined): Promise<void> {
    return this.#keptAlive(abortable(this.promise.then(ignore, ignore), signal));
  }

  /**
   * Awaits one token request of this flight. After `limitMs` the whole flight is aborted.
   *
   * @throws TokenError `timeout`
   */
  async within<T>(
    limitMs: number,
    { provider, origin }: Pick<TokenSource, "provider" | "origin">,
    request: () => Promise<T>,
  ): Promise<T> {
    this.signal.throwIfAborted();
    const message =
      `No token arrived from ${origin} within the cache's time limit (flightTimeoutMs), retries included. ` +
      "Check DNS, proxy and firewall.";
    const deadline = () => this.#controller.abort(new TokenError("timeout", { message, provider }));
    const timer = this.#clock.setTimer(deadline, limitMs);
    try {
      return await abortable(request(), this.signal);
    } finally {
      timer.cancel();
    }
  }

  /** Waits, for instance between two attempts; ends early when the flight is aborted. */
  async sleep(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(resolve, delayMs);
    try {
      await abortable(promise, this.signal);
    } finally {
      timer.cancel();
    }
  }

  /** Ends the flight and all waits at once. */
  close(reason: TokenError): void {
    this.#controller.abort(reason);
    this.#settle.reject(reason);
  }

  /** Timers do not keep the process alive by themselves; while a caller waits, this one does. */
  #keptAlive<T>(outcome: Promise<T>): Promise<T> {
    if (this.neededAt !== Number.NEGATIVE_INFINITY) {
      this.neededAt = Number.NEGATIVE_INFINITY;
      this.#hurry();
    }
    if (this.#waiting++ === 0) {
      this.#keepAlive = this.#clock.setTimer(ignore, Number.MAX_SAFE_INTEGER);
      this.#keepAlive.keepAlive();
    }
    const leave = () => {
      if (--this.#waiting === 0) this.#keepAlive?.cancel();
    };
    outcome.then(leave, leave);
    return outcome;
  }
}

function ignore(): void {}
