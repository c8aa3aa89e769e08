import { booleanValue, finiteNumber, InvalidInputError, recordOf } from "../input-checks.ts";

/** How the emulator's clock starts. */
export interface ClockOptions {
  /** The time to start from, epoch milliseconds. Default: the real time. */
  startAt?: number;
  /** The offset against the real time, milliseconds, added to `startAt` or to the real time. Default: 0. */
  skewMs?: number;
  /** Start with the clock standing still, so that only `advance`, `set` and `skew` move it. Default: false. */
  frozen?: boolean;
  /** The real time, epoch milliseconds. Default: `Date.now`, looked up at each reading. */
  source?: () => number;
}

/** What one reading of the clock says about its state. */
export interface ClockState {
  /** The server's time, epoch milliseconds. */
  now: number;
  /** The server's time minus the real time, milliseconds. */
  skewMs: number;
  /** Whether the clock stands still. */
  frozen: boolean;
}

/** As far as a JavaScript date goes, from the epoch, either way. */
const LAST_DATE_MS = 8.64e15;

/**
 * The time at the emulated servers. It decides every expiry, window and limit, and fills the `Date` header;
 * the delays of faults are real milliseconds.
 */
export class VirtualClock {
  readonly #options: ClockOptions;
  #offsetMs = 0;
  #frozenAt: number | undefined;

  constructor(options: ClockOptions = {}) {
    recordOf("clock", options, ["startAt", "skewMs", "frozen", "source"]);
    booleanValue("clock.frozen", options.frozen ?? false);
    if (options.startAt !== undefined) finiteNumber("clock.startAt", options.startAt);
    if (options.skewMs !== undefined) finiteNumber("clock.skewMs", options.skewMs);
    this.#options = options;
    this.reset();
  }

  /** The server's time, epoch milliseconds. */
  now(): number {
    return this.#frozenAt ?? this.#realNow() + this.#offsetMs;
  }

  /** Moves the server's time by `ms` milliseconds; a negative number steps it back. */
  advance(ms: number): void {
    this.set(this.now() + finiteNumber("advance", ms));
  }

  /** Sets the server's time to `epochMs`. A running clock runs on from there, a frozen one stays there. */
  set(epochMs: number): void {
    if (Math.abs(finiteNumber("set", epochMs)) > LAST_DATE_MS) {
      throw new InvalidInputError("set", `${epochMs} is beyond what a date can hold`);
    }
    this.#offsetMs = epochMs - this.#realNow();
    if (this.#frozenAt !== undefined) this.#frozenAt = epochMs;
  }

  /** Makes the server's time differ from the real time by `ms` milliseconds: positive is ahead, 0 is in step. */
  skew(ms: number): void {
    this.set(this.#realNow() + finiteNumber("skew", ms));
  }

  /** Stops the clock at its present reading. */
  freeze(): void {
    this.#frozenAt ??= this.now();
  }

  /** Lets a frozen clock run on from its present reading. */
  resume(): void {
    const now = this.now();
    this.#frozenAt = undefined;
    this.set(now);
  }

  /** Goes back to the state the emulator was started with. */
  reset(): void {
    const start = (this.#options.startAt ?? this.#realNow()) + (this.#options.skewMs ?? 0);
    this.#frozenAt = this.#options.frozen ? start : undefined;
    this.set(start);
  }

  /** The clock's state, as the control route shows it. */
  state(): ClockState {
    const now = this.now();
    return { now, skewMs: now - this.#realNow(), frozen: this.#frozenAt !== undefined };
  }

  #realNow(): number {
    return this.#options.source?.() ?? Date.now();
  }
}
