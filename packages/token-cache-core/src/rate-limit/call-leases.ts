import { abortable } from "../abortable.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { Clock } from "../time/clock.ts";

/** A lease that is extended until it ends. */
export interface CallLease {
  end(): void;
}

/** Takes a key's lease in the store; `undefined` if another process holds it. Never rejects. */
export type LeaseTaker = (key: string) => Promise<CallLease | undefined>;

/** How often to ask for a held lease, in ms. */
const POLL_MS = 50;

/** Calls that go one at a time: by a mutex in this process and, with a store, by a lease between processes. */
export class CallLeases {
  readonly #take: LeaseTaker | undefined;
  readonly #clock: Clock;
  readonly #sharedQueues: boolean;
  /** The keys that this process holds, each with the callers that wait for it. */
  readonly #held = new Map<string, Set<() => void>>();
  /** End the waits. */
  readonly #waiting = new Set<AbortController>();

  constructor(take: LeaseTaker | undefined, clock: Clock, sharedQueues: boolean) {
    this.#take = take;
    this.#clock = clock;
    this.#sharedQueues = sharedQueues;
  }

  /** Waits until this caller is the only one. The signal ends the wait, with its reason. */
  async hold(key: string, signal: AbortSignal): Promise<CallLease> {
    const waiting = new AbortController();
    this.#waiting.add(waiting);
    try {
      return await this.#hold(key, AbortSignal.any([signal, waiting.signal]));
    } finally {
      this.#waiting.delete(waiting);
    }
  }

  /** Ends all waits. */
  end(reason: TokenError): void {
    for (const waiting of this.#waiting) waiting.abort(reason);
  }

  async #hold(key: string, signal: AbortSignal): Promise<CallLease> {
    signal.throwIfAborted();
    if (this.#held.has(key)) await (this.#sharedQueues ? this.#waitInLine(key, signal) : this.#poll(key, signal));
    else this.#held.set(key, new Set());
    try {
      let lease = this.#take && (await takeUntil(signal, this.#take(key)));
      while (this.#take !== undefined && lease === undefined) {
        await this.#sleep(signal);
        lease = await takeUntil(signal, this.#take(key));
      }
      const end = () => {
        lease?.end();
        this.#leave(key);
      };
      return { end };
    } catch (error) {
      this.#leave(key);
      throw error;
    }
  }

  /** The next caller in line holds the key now. */
  #leave(key: string): void {
    const waiting = this.#held.get(key);
    for (const enter of waiting ?? []) {
      waiting?.delete(enter);
      enter();
      return;
    }
    this.#held.delete(key);
  }

  async #waitInLine(key: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#held.get(key);
    waiting?.add(resolve);
    try {
      await abortable(promise, signal);
    } catch (error) {
      // The key became this caller's in the same moment: pass it on.
      if (waiting?.delete(resolve) === false) this.#leave(key);
      throw error;
    }
  }

  /** On Workers, no request may wait for another one. */
  async #poll(key: string, signal: AbortSignal): Promise<void> {
    while (this.#held.has(key)) await this.#sleep(signal);
    this.#held.set(key, new Set());
  }

  async #sleep(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(resolve, POLL_MS);
    timer.keepAlive();
    await abortable(promise, signal).finally(() => timer.cancel());
  }
}

/** Waits for the lease. If the signal ends the wait, a lease that arrives later is released. */
function takeUntil(signal: AbortSignal, taken: Promise<CallLease | undefined>): Promise<CallLease | undefined> {
  return abortable(taken, signal).catch((error) => {
    taken.then((lease) => lease?.end());
    throw error;
  });
}
