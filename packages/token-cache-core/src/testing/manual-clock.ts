import type { Clock, Timer } from "../time/clock.ts";

/** Options of a {@link ManualClock}. */
export interface ManualClockOptions {
  /** Wall-clock start, epoch ms. Default: now. */
  readonly startAt?: number;
  /** Let time also pass by itself, as real time does. Default: it stands still between calls of `advance`. */
  readonly ticking?: boolean;
}

interface Alarm {
  readonly dueAt: number;
  readonly callback: () => void;
  readonly handle: ReturnType<typeof setTimeout> | undefined;
}

/** A clock that a test sets: `new TokenCache({ clock })`. */
export class ManualClock implements Clock {
  readonly #realStart = performance.now();
  readonly #ticking: boolean;
  readonly #alarms = new Set<Alarm>();
  #wallStart: number;
  #advancedMs = 0;

  constructor(options: ManualClockOptions = {}) {
    this.#wallStart = options.startAt ?? Date.now();
    this.#ticking = options.ticking ?? false;
  }

  wall(): number {
    return Math.floor(this.#wallStart + this.monotonic());
  }

  monotonic(): number {
    return this.#advancedMs + (this.#ticking ? performance.now() - this.#realStart : 0);
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    const ring = () => {
      if (this.#alarms.delete(alarm)) callback();
    };
    const handle = this.#ticking ? setTimeout(ring, Math.min(delayMs, 2 ** 31 - 1)) : undefined;
    const alarm: Alarm = { dueAt: this.monotonic() + delayMs, callback: ring, handle };
    this.#alarms.add(alarm);
    return {
      cancel: () => {
        clearTimeout(handle);
        this.#alarms.delete(alarm);
      },
      keepAlive: () => {},
    };
  }

  /** How many timers are pending. */
  get pendingTimers(): number {
    return this.#alarms.size;
  }

  /** Lets `ms` pass on both clocks, and fires each timer when it is due. */
  advance(ms: number): void {
    const until = this.monotonic() + ms;
    for (;;) {
      const next = [...this.#alarms].sort((a, b) => a.dueAt - b.dueAt)[0];
      if (next === undefined || next.dueAt > until) break;
      this.#advancedMs += Math.max(0, next.dueAt - this.monotonic());
      clearTimeout(next.handle);
      next.callback();
    }
    this.#advancedMs += Math.max(0, until - this.monotonic());
  }

  /** Steps the wall clock alone, as an operator, NTP or a machine's sleep does; negative for backwards. */
  stepWall(ms: number): void {
    this.#wallStart += ms;
  }
}
