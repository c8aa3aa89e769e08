import type { TurnDelay } from "../contract/lane-turns.ts";
import type { LaneLimit } from "../contract/rate-limits.ts";

/** How a lane spaces its calls, derived from its limit. */
export interface Pace {
  /** From one turn to the next, in ms. */
  readonly intervalMs: number;
  /** Turns that may come at once after a pause. */
  readonly burst: number;
  /** How many calls stay in the provider's bucket: for other systems, and for late calls of this one. */
  readonly headroom: number;
  /** How many turns are reserved in a store at once, at most: several in a wide lane, one in a narrow one. */
  readonly blockSize: number;
  /** How many reserved turns all processes together may keep for later calls. */
  readonly keptTurns: number;
  /** A turn is lost this long after its time, in ms. */
  readonly lateMs: number;
}

/** A block of reserved turns is this long. */
const BLOCK_MS = 100;

/** In a small bucket. */
const SMALLEST_HEADROOM = 0.05;

/** A late turn is as good as one in time, as long as the bucket has room for those that come in time. */
const LATE_IN_BUCKET_MS = 250;
/** In windows of one second, a late turn comes close to those of the next second. The unused share leaves 75 ms. */
const LATE_IN_WINDOW_MS = 50;

/** The share of the limit that stays unused if the provider does not say how it counts. */
const UNKNOWN_COUNTING_SHARE = 0.1;

/**
 * The pace that keeps a limit.
 *
 * Calls arrive less evenly than they are sent. So turns in a row use only a part of the bucket. In a wide lane, another
 * part is for turns that a process keeps. Without a burst, the provider may count by windows of one second: burst and
 * rate together stay below the limit.
 *
 * @param share the share of the limit to use, from 0 to 1
 * @param isContended other systems spend the same allowance: their calls find the bucket as full as can be
 */
export function paceOf({ perSecond, burst }: LaneLimit, share = 1, isContended = false): Pace {
  if (burst === undefined) {
    const spare = perSecond * UNKNOWN_COUNTING_SHARE;
    const rate = (perSecond - spare) * share;
    // Half of the spare calls cover those that pile up on their way.
    return paceAt(rate, perSecond, {
      burst: Math.max(1, spare / 2),
      headroom: 0,
      keptTurns: 0,
      lateMs: LATE_IN_WINDOW_MS,
    });
  }
  const isWide = blockSizeOf(perSecond, burst) > 1;
  return paceAt(perSecond * share, burst, {
    burst: 1 + (burst - 1) / (isWide ? 4 : 2),
    // Keeps an emptied bucket from staying empty, where the smallest delay on the way leads to a refusal.
    headroom: isContended ? burst - 1 : Math.max(SMALLEST_HEADROOM, (burst - 2) / 4),
    keptTurns: isWide && !isContended ? (burst - 1) / 2 : 0,
    lateMs: LATE_IN_BUCKET_MS,
  });
}

function paceAt(rate: number, capacity: number, rest: Omit<Pace, "intervalMs" | "blockSize">): Pace {
  return { intervalMs: 1_000 / rate, blockSize: blockSizeOf(rate, capacity), ...rest };
}

function blockSizeOf(rate: number, capacity: number): number {
  return Math.max(1, Math.floor(Math.min((rate * BLOCK_MS) / 1_000, capacity / 4)));
}

/**
 * What a header's count of remaining calls says about the next turn. The turn comes when the provider's bucket has room
 * for it. The headroom and the calls that were given turns since count too.
 *
 * @param turn the turn of the answered call
 * @param ageMs how long ago that call was sent
 */
export function delayByRemaining(pace: Pace, remaining: number, turn: number | undefined, ageMs: number): TurnDelay {
  return { delayMs: (1 + pace.headroom - remaining) * pace.intervalMs - ageMs, afterTurn: turn };
}
