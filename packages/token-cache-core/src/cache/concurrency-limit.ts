import { DeadlineQueue } from "../rate-limit/deadline-queue.ts";

/** Permission for one piece of work to run. */
export interface Slot {
  /** Takes the slot if one is free now. Returns whether it did. */
  tryTake(): boolean;
  /** Takes the slot, after a wait in line. `neededAt`: in ms of the monotonic clock; default: now. */
  take(neededAt?: number): Promise<void>;
  /** The slot is needed now. For one that waits in line. */
  hurry(): void;
  /** Gives the slot to the next in line, if it is taken. */
  free(): void;
}

/** A waiter for a slot. */
interface Waiter {
  neededAt: number;
  readonly enter: () => void;
}

/** Bulkhead: bounds how many pieces of work run at once. The others wait in line; the one needed soonest is next. */
export class ConcurrencyLimit {
  readonly #line = new DeadlineQueue<Waiter>();
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** A slot for one piece of work, not taken yet. */
  slot(): Slot {
    let isTaken = false;
    let waiter: Waiter | undefined;
    const tryTake = () => {
      if (!isTaken && this.#free > 0) {
        this.#free--;
        isTaken = true;
      }
      return isTaken;
    };
    return {
      tryTake,
      take: async (neededAt = Number.NEGATIVE_INFINITY) => {
        if (tryTake()) return;
        const { promise, resolve: enter } = Promise.withResolvers<void>();
        waiter = { neededAt, enter };
        this.#line.add(waiter);
        await promise;
        waiter = undefined;
        isTaken = true;
      },
      hurry: () => {
        if (waiter === undefined) return;
        waiter.neededAt = Number.NEGATIVE_INFINITY;
        this.#line.add(waiter);
      },
      free: () => {
        if (!isTaken) return;
        isTaken = false;
        const next = this.#line.next();
        if (next === undefined) this.#free++;
        else next.enter();
      },
    };
  }
}

/** A slot that is always free, for runtimes where no request may wait for another one. */
export const UNLIMITED_SLOT: Slot = { tryTake: () => true, take: async () => {}, hurry() {}, free() {} };
