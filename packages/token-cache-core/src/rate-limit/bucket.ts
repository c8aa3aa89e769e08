import type { TurnDelay } from "../contract/lane-turns.ts";
import type { Pace } from "./pace.ts";

/** The right to send one call. */
export interface Turn {
  /** Its number in the lane, which dates later observations. `undefined` while nobody counts. */
  readonly number: number | undefined;
  /** Whether this call is the probe that finds out if a closed application is open again. */
  readonly isProbe: boolean;
}

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
