import { LONGEST_DELAY_MS, type TurnDelay } from "../contract/lane-turns.ts";
import type { Bucket, Turn } from "./bucket.ts";
import type { Pace } from "./pace.ts";
import type { QuotaGate } from "./quota-gate.ts";

/** A token bucket (GCRA) of this process alone: all of it, or this process's share while the store is down. */
export class LocalBucket implements Bucket {
  /** How many processes share the lane. */
  processes = 1;
  /** When the last turn that was given was due. */
  #lastAt = Number.NEGATIVE_INFINITY;
  #lastTurn = 0;
  readonly #gate: QuotaGate;

  constructor(gate: QuotaGate) {
    this.#gate = gate;
  }

  takeDue(pace: Pace, now: number): Turn | undefined {
    if (this.#gate.isClosed) return this.#gate.startProbe(now);
    const nextAt = this.#nextAt(pace, now);
    if (nextAt > now) return undefined;
    this.#lastAt = nextAt;
    return { number: ++this.#lastTurn, isProbe: false };
  }

  refill(pace: Pace, _wanted: number, now: number): number {
    return this.#nextAt(pace, now) - now;
  }

  putOff({ delayMs, afterTurn = this.#lastTurn }: TurnDelay, pace: Pace, now: number): void {
    const since = Math.max(0, this.#lastTurn - afterTurn);
    const spacingMs = this.#spacingMs(pace);
    const nextAt = now + Math.min(delayMs + since * spacingMs, LONGEST_DELAY_MS);
    this.#lastAt = Math.max(this.#lastAt, nextAt - spacingMs);
  }

  isFull(pace: Pace, now: number): boolean {
    return this.#lastAt + pace.burst * this.#spacingMs(pace) <= now;
  }

  #nextAt(pace: Pace, now: number): number {
    const spacingMs = this.#spacingMs(pace);
    return Math.max(this.#lastAt + spacingMs, now - (pace.burst - 1) * spacingMs);
  }

  #spacingMs({ intervalMs }: Pace): number {
    return intervalMs * this.processes;
  }
}
