import type { LaneLimit, LimitReading } from "../contract/rate-limits.ts";
import { learnLimit, type Pace, paceOf, type Slowdown, slowDown, usedShare } from "./lane-limit.ts";

/** So long after its last sign, another system is still taken to spend the same allowance, in ms. */
const CONTENTION_MS = 60_000;

/** What is known of a lane's limit: documented, learnt from answers, told by other processes. Moments are monotonic, in ms. */
export class LaneKnowledge {
  #limit: LaneLimit | undefined;
  #slowdown: Slowdown | undefined;
  #contendedUntil = Number.NEGATIVE_INFINITY;
  #isContended = false;
  /** Without a slowdown. */
  #pace: Pace | undefined;
  #isTold = true;

  constructor(documented: LaneLimit | undefined) {
    this.#set(documented, false);
  }

  get limit(): LaneLimit | undefined {
    return this.#limit;
  }

  /** The pace to keep now; `undefined` in a lane without a limit. */
  pace(now: number): Pace | undefined {
    if (this.#isContended && now > this.#contendedUntil) this.#change(this.#limit, false);
    if (this.#slowdown === undefined || this.#limit === undefined) return this.#pace;
    const share = usedShare(this.#slowdown, now);
    if (share < 1) return paceOf(this.#limit, share, this.#isContended);
    this.#slowdown = undefined;
    return this.#pace;
  }

  /** Learns from an answer's headers. Whether they told another limit. */
  learn(reading: LimitReading, now: number): boolean {
    const before = this.#limit;
    const limit = learnLimit(before, reading);
    const isShort = reading.remaining !== undefined && reading.remaining < (limit?.burst ?? 0) - 1;
    if (this.#isContended && isShort) this.#contendedUntil = now + CONTENTION_MS;
    this.#change(limit, this.#isContended);
    return limit !== before;
  }

  /** A call was refused though its turn had come, and the headers say that the allowance is spent: by another system. */
  contended(now: number): void {
    this.#contendedUntil = now + CONTENTION_MS;
    this.#change(this.#limit, true);
  }

  /** A call was refused for a reason that no header tells. */
  slowDown(now: number): void {
    this.#slowdown = slowDown(this.#slowdown, now);
  }

  /** What the other processes should know and were not told yet. */
  get untold(): string | undefined {
    if (this.#isTold || this.#limit === undefined) return undefined;
    const { perSecond, burst } = this.#limit;
    return `${perSecond} ${burst ?? 0} ${this.#isContended ? 1 : 0}`;
  }

  /** What the lane's note says now: one's own, or what another process has learnt. */
  readNote(note: string | undefined, now: number): void {
    const [perSecond, burst, contended] = (note ?? "").split(" ").map(Number);
    const limit = learnLimit(this.#limit, { perSecond, burst });
    const isContended = contended === 1;
    if (perSecond === undefined || (limit === this.#limit && isContended === this.#isContended)) {
      this.#isTold = true;
      return;
    }
    // What this process has not told yet is newer.
    if (!this.#isTold) return;
    if (isContended) this.#contendedUntil = now + CONTENTION_MS;
    this.#set(limit, isContended);
  }

  #change(limit: LaneLimit | undefined, isContended: boolean): void {
    if (limit === this.#limit && isContended === this.#isContended) return;
    this.#set(limit, isContended);
    this.#isTold = false;
  }

  #set(limit: LaneLimit | undefined, isContended: boolean): void {
    this.#limit = limit;
    this.#isContended = isContended;
    this.#pace = limit && paceOf(limit, 1, isContended);
  }
}
