import type { Lease } from "../../contract/token-store.ts";
import type { Clock } from "../../time/clock.ts";

/** A holder that crashes blocks the other processes for this long; one that lives extends its lease. */
export const LEASE_HOLD_MS = 3_000;

/** The right to issue one key's token while the other processes wait. The lease is extended until it ends. */
export class HeldLease {
  readonly #clock: Clock;
  readonly #lease: Lease | undefined;
  #timer: { cancel(): void } | undefined;

  constructor(clock: Clock, lease?: Lease) {
    this.#clock = clock;
    this.#lease = lease;
    if (lease !== undefined) this.#extendLater(lease);
  }

  /** Ends the lease. Nobody waits for its release. */
  end(): void {
    this.#timer?.cancel();
    this.#lease?.release();
  }

  #extendLater(lease: Lease): void {
    this.#timer = this.#clock.setTimer(() => {
      lease.extend(LEASE_HOLD_MS);
      this.#extendLater(lease);
    }, LEASE_HOLD_MS / 3);
  }
}
