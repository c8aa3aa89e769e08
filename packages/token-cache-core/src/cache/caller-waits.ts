import { abortable } from "../abortable.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { Clock, Timer } from "../time/clock.ts";

/** The waits of callers outside a flight. The caller's signal ends its own wait, the end of the cache ends all. */
export class CallerWaits {
  readonly #clock: Clock;
  readonly #endWaits = new Set<(reason: TokenError) => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits for work. */
  for<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    const timer = this.#clock.setTimer(() => {}, Number.MAX_SAFE_INTEGER);
    return this.#wait(work, timer, signal);
  }

  /** Lets `delayMs` pass. */
  pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    return this.#wait(promise, this.#clock.setTimer(resolve, delayMs), signal);
  }

  /** Ends all waits at once. */
  end(reason: TokenError): void {
    for (const end of this.#endWaits) end(reason);
  }

  /** The timer keeps the process alive meanwhile. */
  #wait<T>(work: Promise<T>, timer: Timer, signal: AbortSignal | undefined): Promise<T> {
    const { promise: ended, reject } = Promise.withResolvers<never>();
    timer.keepAlive();
    this.#endWaits.add(reject);
    return abortable(Promise.race([work, ended]), signal).finally(() => {
      timer.cancel();
      this.#endWaits.delete(reject);
    });
  }
}
