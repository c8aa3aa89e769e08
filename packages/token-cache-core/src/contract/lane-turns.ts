/**
 * Asks for turns in a lane, see {@link TokenStore.take}. All times are in ms and relative to the moment at which the store
 * answers, so that no clock is shared.
 */
export interface TurnRequest {
  /** How many turns, at most. 0 only reports. */
  readonly count: number;
  /** The time from one turn to the next. */
  readonly intervalMs: number;
  /** How many turns may come at once after a pause: 1 or more, not always a whole number. */
  readonly burst: number;
  /** A turn is given at most this far ahead. 0: only a turn that is due. */
  readonly horizonMs: number;
  /** The asking process, to count how many share the lane. */
  readonly processId: string;
  /** An observation that puts the next turn off, by 25 hours at most. */
  readonly putOff?: TurnDelay | undefined;
  /** What this process has learnt of the lane, for the others: opaque, ASCII, at most 100 characters. The last note is kept. */
  readonly note?: string | undefined;
  /** Closes all lanes of the group for this time, 25 hours at most; 0 opens them. */
  readonly closeForMs?: number | undefined;
}

/** Puts the next turn of a lane off. */
export interface TurnDelay {
  /** No turn before this time has passed. May be negative, which counts together with {@link TurnDelay.afterTurn}. */
  readonly delayMs: number;
  /** The {@link TurnGrant.lastTurn} at the observation: each turn given since adds an interval to the delay. */
  readonly afterTurn?: number | undefined;
}

/** What {@link TokenStore.take} answers. */
export interface TurnGrant {
  /** How many turns were given: 0 if the next one is too far ahead. */
  readonly count: number;
  /** When the first of them is due; negative for unused turns of the past. If none was given: when to ask again. */
  readonly startsInMs: number;
  /** How many turns the lane has ever given, these included. */
  readonly lastTurn: number;
  /** How many processes have asked for turns of this group in the last `PROCESS_SEEN_MS`, this one included. */
  readonly processes: number;
  /** The lane's note, if there is one. */
  readonly note?: string | undefined;
  /** Above 0: the group is closed for this time. If a turn is given all the same, it is the only one: the probe. */
  readonly closedForMs: number;
}

/** A store cuts a longer delay or closing to this, in ms: no provider asks for more. */
export const LONGEST_DELAY_MS = 25 * 60 * 60 * 1_000;

/** How long a process counts after its last request for turns, in ms. */
export const PROCESS_SEEN_MS = 15_000;

/** How long a closed group waits for the result of its probe, in ms. Then another call may be the probe. */
export const PROBE_MS = 5_000;

/** How long a store keeps a lane after its last turn, and a closed group after its end, in ms. */
export const LANE_KEPT_MS = 60_000;
