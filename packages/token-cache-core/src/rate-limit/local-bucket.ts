import type { TurnDelay } from "../contract/lane-turns.ts";
import type { Pace } from "./pace.ts";
import type { QuotaGate, Turn } from "./quota-gate.ts";

/** Where the turns of one lane come from. All moments are monotonic, in ms. */
export interface Bucket {
  /** A turn that is due, without a request to the store. */
  takeDue(pace: Pace, now: number): Turn | undefined;
  /** How long to wait for the next attempt, in ms, after {@link Bucket.takeDue} gave nothing. */
  refill(pace: Pace, wanted: number, now: number): number | Promise<number>;
  /** Puts the next turn off. */
  putOff(delay: TurnDelay, pace: Pace, now: number): void;
  /** Whether it has all its turns, so that a new bucket would give the same. */
  isFull(pace: Pace, now: number): boolean;
}

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

  putOff({ delayMs, afterTurn = this.#lastTurn }: TurnDelay, { intervalMs }: Pace, now: number): void {
    const since = Math.max(0, this.#lastTurn - afterTurn);
    // The next turn comes an interval after the last one.
    this.#lastAt = Math.max(this.#lastAt, now + delayMs + (since - 1) * intervalMs * this.processes);
  }

  isFull({ intervalMs, burst }: Pace, now: number): boolean {
    return this.#lastAt + burst * intervalMs * this.processes <= now;
  }

  #nextAt({ intervalMs, burst }: Pace, now: number): number {
    const spacingMs = intervalMs * this.processes;
    return Math.max(this.#lastAt + spacingMs, now - (burst - 1) * spacingMs);
  }
}
