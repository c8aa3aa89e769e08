import type { TurnDelay } from "../contract/lane-turns.ts";
import type { LaneLimit, LimitReading } from "../contract/rate-limits.ts";

/** How a lane's turns are spaced, derived from its limit. */
export interface Pace {
  /** From one turn to the next, in ms. */
  readonly intervalMs: number;
  /** Turns that may come at once after a pause. */
  readonly burst: number;
  /** How many calls the provider's bucket keeps in reserve: for calls of other systems, and late ones of one's own. */
  readonly reserve: number;
  /** How many turns are taken from a store at once, at most. */
  readonly blockSize: number;
}

/** Turns of so much time are taken from a store at once: wide lanes take several, narrow ones go turn by turn. */
const BLOCK_MS = 100;

/** A share of the limit that stays unused where the provider does not say how it counts. */
const UNKNOWN_COUNTING_SHARE = 0.1;

/**
 * The pace that keeps a limit. Calls arrive less evenly than they are sent, so it uses half of a bucket's burst. Without a
 * burst it counts for the worst, windows of one second: burst and rate together stay within the limit.
 *
 * @param share the share of the limit to use, from 0 to 1
 * @param isContended other systems spend the same allowance: their calls find the bucket as full as can be
 */
export function paceOf({ perSecond, burst }: LaneLimit, share = 1, isContended = false): Pace {
  const spareRate = burst === undefined ? perSecond * UNKNOWN_COUNTING_SHARE : 0;
  const rate = (perSecond - spareRate) * share;
  return {
    intervalMs: 1_000 / rate,
    burst: burst === undefined ? Math.max(1, spareRate) : 1 + (burst - 1) / 2,
    reserve: burst === undefined ? 0 : isContended ? burst - 1 : Math.max(0, burst - 2) / 4,
    blockSize: Math.max(1, Math.floor(Math.min((rate * BLOCK_MS) / 1_000, (burst ?? rate) / 4))),
  };
}

/**
 * What a header's count of remaining calls says about the next turn: it comes when the provider's bucket, less the calls
 * that were given turns since and less the reserve, has room for one.
 *
 * @param turn the turn of the answered call
 * @param ageMs how long ago that call was sent
 */
export function delayByRemaining(pace: Pace, remaining: number, turn: number | undefined, ageMs: number): TurnDelay {
  return { delayMs: (1 + pace.reserve - remaining) * pace.intervalMs - ageMs, afterTurn: turn };
}

/** The limit by the newest reading: what a header says replaces what is documented. */
export function learnLimit(known: LaneLimit | undefined, { perSecond, burst }: LimitReading): LaneLimit | undefined {
  if (!isPositive(perSecond)) return known;
  const capacity = isPositive(burst) ? Math.max(1, burst) : known?.burst;
  if (known?.perSecond === perSecond && known.burst === capacity) return known;
  return { perSecond, burst: capacity };
}

function isPositive(value: number | undefined): value is number {
  return value !== undefined && value > 0 && value < Number.POSITIVE_INFINITY;
}

/** How much a lane is slowed down, and since when. */
export interface Slowdown {
  /** The share of the limit that was left right after the last refusal. */
  readonly share: number;
  /** When that was, in ms of a monotonic clock. */
  readonly at: number;
}

/** A lane never slows down to less than this share of its limit. */
const SLOWEST_SHARE = 1 / 16;

/** From the slowest share to the full limit, in ms. */
const RECOVERY_MS = 60_000;

/** Halves what is used of the limit, since a call was refused for a reason that no header tells. */
export function slowDown(before: Slowdown | undefined, now: number): Slowdown {
  return { share: Math.max(SLOWEST_SHARE, usedShare(before, now) / 2), at: now };
}

/** The share of the limit to use now: it recovers steadily. */
export function usedShare(slowdown: Slowdown | undefined, now: number): number {
  return slowdown === undefined ? 1 : Math.min(1, slowdown.share + (now - slowdown.at) / RECOVERY_MS);
}
