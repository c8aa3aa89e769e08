import { abortable } from "../abortable.ts";
import type { AccessToken } from "../contract/access-token.ts";
import { TokenError } from "../contract/token-error.ts";
import { type Clock, type Instant, instant, type Timer } from "../time/clock.ts";

/** One shared attempt to get a new token for a key. No caller owns it: it ends by itself, at its time limit, or when the cache is closed. */
export class TokenFlight {
  readonly promise: Promise<AccessToken>;
  readonly startedAt: Instant;
  /** The token that the API had refused when the flight started: bringing it again is no success. */
  readonly refusedTokenId: string | undefined;
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  #joined: Promise<AccessToken> | undefined;
  #waiting = 0;
  #holdUp: Timer | undefined;

  constructor(clock: Clock, refusedTokenId: string | undefined, run: (flight: TokenFlight) => Promise<AccessToken>) {
    this.#clock = clock;
    this.startedAt = instant(clock);
    this.refusedTokenId = refusedTokenId;
    this.promise = abortable(run(this), this.#controller.signal);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for the outcome; the caller's signal ends only this caller's waiting (case 7). */
  join(signal?: AbortSignal): Promise<AccessToken> {
    if (signal !== undefined) return this.#awaited(abortable(this.promise, signal));
    // Thousands may come at once, and none of them leaves before the end: they count as one.
    this.#joined ??= this.#awaited(this.promise);
    return this.#joined;
  }

  /** Waits until it is over, whatever its outcome. */
  landed(signal: AbortSignal | undefined): Promise<void> {
    return this.#awaited(abortable(this.promise.then(ignore, ignore), signal));
  }

  /** Does the work, or gives the whole flight up after `limitMs`. */
  async within<T>(limitMs: number, provider: string, work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const message =
      "No token within the cache's time limit (flightTimeoutMs), all attempts included. Check the network path.";
    const timer = this.#clock.setTimer(() => this.abort(new TokenError("timeout", { message, provider })), limitMs);
    try {
      return await abortable(work(), this.signal);
    } finally {
      timer.cancel();
    }
  }

  /** Waits between two attempts. */
  async sleep(delayMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(resolve, delayMs);
    try {
      await abortable(promise, this.signal);
    } finally {
      timer.cancel();
    }
  }

  abort(reason: TokenError): void {
    this.#controller.abort(reason);
  }

  /** Timers hold nothing up by themselves: while somebody waits, one does that keeps the process from exiting. */
  #awaited<T>(outcome: Promise<T>): Promise<T> {
    if (this.#waiting++ === 0) {
      this.#holdUp = this.#clock.setTimer(ignore, Number.MAX_SAFE_INTEGER);
      this.#holdUp.keepAlive();
    }
    const leave = () => {
      if (--this.#waiting === 0) this.#holdUp?.cancel();
    };
    outcome.then(leave, leave);
    return outcome;
  }
}

function ignore(): void {}
