import type { Lease } from "../contract/token-store.ts";
import type { Clock } from "../time/clock.ts";

/** Asks for the right to be the one: a lease, or why there is none. Never rejects. */
export type LeaseTaker = () => Promise<Lease | "held" | "unavailable">;

/** A holder that dies blocks the other processes for so long, in ms; one that lives extends its lease. */
export const ONE_AT_A_TIME_HOLD_MS = 3_000;

/** How often a held lease is asked for, in ms. */
const POLL_MS = 50;

/** A lane of width one: a mutex in this process and, with a store, a lease between processes. */
export class OneAtATime {
  readonly #take: LeaseTaker | undefined;
  readonly #clock: Clock;
  #lease: Lease | undefined;
  #isEntered = false;
  #onLeft: (() => void) | undefined;
  #stopExtending: (() => void) | undefined;

  constructor(take: LeaseTaker | undefined, clock: Clock) {
    this.#take = take;
    this.#clock = clock;
  }

  /** Waits until the call before is over, and takes the lease. How long to wait before the next attempt, in ms; 0: entered. */
  async enter(): Promise<number> {
    if (this.#isEntered) {
      await new Promise<void>((resolve) => {
        this.#onLeft = resolve;
      });
    }
    const lease = await this.#take?.();
    if (lease === "held") return POLL_MS;
    this.#isEntered = true;
    // Without the store this process goes on by itself.
    if (lease === undefined || lease === "unavailable") return 0;
    this.#lease = lease;
    this.#extendInTime(lease);
    return 0;
  }

  leave(): void {
    this.#stopExtending?.();
    this.#lease?.release().catch(() => {});
    this.#lease = undefined;
    this.#isEntered = false;
    this.#onLeft?.();
  }

  #extendInTime(lease: Lease): void {
    const extend = () => {
      lease.extend(ONE_AT_A_TIME_HOLD_MS).catch(() => {});
      timer = this.#clock.setTimer(extend, ONE_AT_A_TIME_HOLD_MS / 3);
    };
    let timer = this.#clock.setTimer(extend, ONE_AT_A_TIME_HOLD_MS / 3);
    this.#stopExtending = () => timer.cancel();
  }
}
