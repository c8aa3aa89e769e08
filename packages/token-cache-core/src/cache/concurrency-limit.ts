/** Permission for one piece of work to run. */
export interface Slot {
  /** Takes the slot if one is free now. Whether it is taken. */
  tryTake(): boolean;
  /** Takes the slot, after a wait in line. */
  take(): Promise<void>;
  /** Gives the slot to the next in line, if it is taken. */
  free(): void;
}

/** Bulkhead: so many pieces of work run at once; the others wait in line. */
export class ConcurrencyLimit {
  readonly #line: (() => void)[] = [];
  #free: number;

  constructor(atOnce: number) {
    this.#free = atOnce;
  }

  /** A slot for one piece of work, not taken yet. */
  slot(): Slot {
    let isTaken = false;
    const tryTake = () => {
      if (!isTaken && this.#free > 0) {
        this.#free--;
        isTaken = true;
      }
      return isTaken;
    };
    return {
      tryTake,
      take: async () => {
        if (tryTake()) return;
        await new Promise<void>((resolve) => this.#line.push(resolve));
        isTaken = true;
      },
      free: () => {
        if (!isTaken) return;
        isTaken = false;
        const next = this.#line.shift();
        if (next === undefined) this.#free++;
        else next();
      },
    };
  }
}

/** A slot where nothing may wait for another request. */
export const UNLIMITED_SLOT: Slot = { tryTake: () => true, take: async () => {}, free() {} };
