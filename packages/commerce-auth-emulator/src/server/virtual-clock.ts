import { booleanValue, finiteNumber, InvalidInputError, positiveNumber, recordOf } from "../input-checks.ts";

/** Options of the emulator's clock. */
export interface ClockOptions {
  /** The time at the start, epoch milliseconds. Default: the real time. */
  startAt?: number;
  /** An offset that is added to the time at the start, milliseconds. Default: 0. */
  skewMs?: number;
  /** Start with a frozen clock, which only `advance`, `set` and `skew` move. Default: false. */
  frozen?: boolean;
  /** Server milliseconds per real millisecond: 10 is ten times as fast as real time. Default: 1. */
  speed?: number;
  /** The real time, epoch milliseconds. Default: `Date.now`, looked up at each reading. */
  source?: () => number;
}

/** The clock's state at one moment. */
export interface ClockState {
  /** The server's time, epoch milliseconds. */
  now: number;
  /** The server's time minus the real time, milliseconds. */
  skewMs: number;
  /** Whether the clock is frozen. */
  frozen: boolean;
}

/** The range of a JavaScript date, from the epoch in both directions. */
const LAST_DATE_MS = 8.64e15;

/** A longer timeout fires at once. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * The time at the emulated servers. It decides every expiry, window and limit, and it is in the `Date` header.
 * The delays of faults are real milliseconds.
 */
export class VirtualClock {
  readonly #options: ClockOptions;
  readonly #speed: number;
  /** The server's time `anchor.now` was at the real time `anchor.realNow`. */
  #anchor = { now: 0, realNow: 0 };
  #isFrozen = false;
  /** One check for each caller of `wait`. */
  readonly #waiting = new Set<() => void>();

  constructor(options: ClockOptions = {}) {
    recordOf("clock", options, ["startAt", "skewMs", "frozen", "speed", "source"]);
    booleanValue("clock.frozen", options.frozen ?? false);
    if (options.startAt !== undefined) finiteNumber("clock.startAt", options.startAt);
    if (options.skewMs !== undefined) finiteNumber("clock.skewMs", options.skewMs);
    this.#speed = positiveNumber("clock.speed", options.speed ?? 1);
    this.#options = options;
    this.reset();
  }

  /** The server's time, epoch milliseconds. */
  now(): number {
    const { now, realNow } = this.#anchor;
    return this.#isFrozen ? now : now + (this.#realNow() - realNow) * this.#speed;
  }

  /** Moves the server's time by `ms` milliseconds. A negative number moves it back. */
  advance(ms: number): void {
    this.set(this.now() + finiteNumber("advance", ms));
  }

  /** Sets the server's time to `epochMs`. A running clock continues from there; a frozen one stays there. */
  set(epochMs: number): void {
    if (Math.abs(finiteNumber("set", epochMs)) > LAST_DATE_MS) {
      throw new InvalidInputError("set", `${epochMs} is beyond the range of a date`);
    }
    this.#anchor = { now: epochMs, realNow: this.#realNow() };
    for (const check of this.#waiting) check();
  }

  /** Sets the server's time to the real time plus `ms` milliseconds. */
  skew(ms: number): void {
    this.set(this.#realNow() + finiteNumber("skew", ms));
  }

  /** Freezes the clock at the present time. */
  freeze(): void {
    this.set(this.now());
    this.#isFrozen = true;
  }

  /** Lets a frozen clock run again. */
  resume(): void {
    const now = this.now();
    this.#isFrozen = false;
    this.set(now);
  }

  /** Returns to the state at the start. */
  reset(): void {
    this.#isFrozen = this.#options.frozen ?? false;
    this.set((this.#options.startAt ?? this.#realNow()) + (this.#options.skewMs ?? 0));
  }

  /** The clock's state. */
  state(): ClockState {
    const now = this.now();
    return { now, skewMs: now - this.#realNow(), frozen: this.#isFrozen };
  }

  /** Waits until the server's time has advanced by `ms` milliseconds, by itself or by `advance` and `set`. */
  wait(ms: number): Promise<void> {
    const until = this.now() + ms;
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const check = () => {
        clearTimeout(timer);
        const leftMs = until - this.now();
        if (leftMs <= 0) {
          this.#waiting.delete(check);
          return resolve();
        }
        // A wait must not keep the process alive after the emulator is closed.
        if (!this.#isFrozen) timer = setTimeout(check, this.#realMs(leftMs)).unref();
      };
      this.#waiting.add(check);
      check();
    });
  }

  #realMs(ms: number): number {
    return Math.min(Math.ceil(ms / this.#speed), LONGEST_TIMEOUT_MS);
  }

  #realNow(): number {
    return this.#options.source?.() ?? Date.now();
  }
}
