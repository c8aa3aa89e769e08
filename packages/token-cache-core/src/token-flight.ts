import { abortable } from "./abortable.ts";
import type { AccessToken } from "./access-token.ts";
import { type Clock, type Instant, instant, type Timer } from "./clock.ts";
import { TokenError } from "./token-error.ts";

/** One shared attempt to get a new token for a key. No caller owns it: it ends by itself, at its time limit, or when the cache is closed. */
export class TokenFlight {
  readonly promise: Promise<AccessToken>;
  readonly startedAt: Instant;
  /** The token that the API had refused when the flight started: bringing it again is no success. */
  readonly refusedTokenId: string | undefined;
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #timers = new Set<Timer>();
  #isWaitedFor = false;

  constructor(clock: Clock, refusedTokenId: string | undefined, run: (flight: TokenFlight) => Promise<AccessToken>) {
    this.#clock = clock;
    this.startedAt = instant(clock);
    this.refusedTokenId = refusedTokenId;
    this.promise = abortable(run(this), this.#controller.signal);
    // A background renewal has nobody to hear of its failure, which is no reason to end the process (case 6).
    this.promise.catch(() => {});
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits for the outcome; the caller's signal ends only this caller's waiting (case 7). */
  join(signal: AbortSignal | undefined): Promise<AccessToken> {
    this.#keepAlive();
    return abortable(this.promise, signal);
  }

  /** Waits until it is over, whatever its outcome. */
  landed(signal: AbortSignal | undefined): Promise<void> {
    this.#keepAlive();
    return abortable(this.promise.then(ignore, ignore), signal);
  }

  /** Does the work, or gives the whole flight up after `limitMs`. */
  async within<T>(limitMs: number, provider: string, work: () => Promise<T>): Promise<T> {
    this.signal.throwIfAborted();
    const message = `No token within ${limitMs} ms, all attempts included. Check the network path to the provider.`;
    const timer = this.#setTimer(() => this.abort(new TokenError("timeout", { message, provider })), limitMs);
    try {
      return await abortable(work(), this.signal);
    } finally {
      this.#clear(timer);
    }
  }

  /** Waits between two attempts. */
  async sleep(delayMs: number): Promise<void> {
    let timer: Timer | undefined;
    const slept = new Promise<void>((resolve) => {
      timer = this.#setTimer(resolve, delayMs);
    });
    try {
      await abortable(slept, this.signal);
    } finally {
      if (timer !== undefined) this.#clear(timer);
    }
  }

  abort(reason: TokenError): void {
    this.#controller.abort(reason);
  }

  #keepAlive(): void {
    this.#isWaitedFor = true;
    for (const timer of this.#timers) timer.keepAlive();
  }

  #setTimer(callback: () => void, delayMs: number): Timer {
    const timer = this.#clock.setTimer(callback, delayMs);
    if (this.#isWaitedFor) timer.keepAlive();
    this.#timers.add(timer);
    return timer;
  }

  #clear(timer: Timer): void {
    timer.cancel();
    this.#timers.delete(timer);
  }
}

function ignore(): void {}
