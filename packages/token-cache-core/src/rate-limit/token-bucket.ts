import { LONGEST_DELAY_MS, PROBE_MS, type TurnGrant, type TurnRequest } from "../contract/lane-turns.ts";

/** What is kept of a lane, as of a moment. */
export interface LaneTurns {
  /** When the last turn that was given was due, in ms from that moment. Negative: in the past. */
  readonly lastInMs: number;
  /** How many turns were given so far. */
  readonly lastTurn: number;
  readonly note?: string | undefined;
}

/** What is kept of a lane and of its group. */
export interface KeptTurns {
  readonly lane: LaneTurns | undefined;
  /** How long the group stays closed, in ms from now. Negative: its probe is due. `undefined`: it is open. */
  readonly closedForMs: number | undefined;
}

/**
 * Gives turns by the generic cell rate algorithm (GCRA), the token bucket that keeps one number: when the last
 * turn was due. A pure function of relative times, which every store applies by a clock of its own.
 */
export function takeTurns(
  kept: KeptTurns,
  request: TurnRequest,
): { readonly kept: KeptTurns & { readonly lane: LaneTurns }; readonly grant: Omit<TurnGrant, "processes"> } {
  const { intervalMs, burst, horizonMs, putOff, closeForMs } = request;
  const note = request.note ?? kept.lane?.note;
  let { lastInMs, lastTurn } = kept.lane ?? { lastInMs: Number.NEGATIVE_INFINITY, lastTurn: 0 };
  // Unused turns are kept up to the burst.
  let nextInMs = Math.max(lastInMs + intervalMs, (1 - burst) * intervalMs);
  if (putOff !== undefined) {
    const since = putOff.afterTurn === undefined ? 0 : Math.max(0, lastTurn - putOff.afterTurn);
    nextInMs = Math.max(nextInMs, Math.min(putOff.delayMs + since * intervalMs, LONGEST_DELAY_MS));
  }
  let { closedForMs } = kept;
  if (closeForMs !== undefined) closedForMs = closeForMs > 0 ? Math.min(closeForMs, LONGEST_DELAY_MS) : undefined;

  let count = 0;
  if (closedForMs === undefined) {
    count = Math.max(0, Math.min(request.count, Math.floor((horizonMs - nextInMs) / intervalMs) + 1));
  } else if (closedForMs <= 0 && request.count > 0) {
    count = 1;
    closedForMs = PROBE_MS;
  }
  lastTurn += count;
  lastInMs = nextInMs + (count - 1) * intervalMs;
  return {
    kept: { lane: { lastInMs, lastTurn, note }, closedForMs },
    grant: { count, startsInMs: nextInMs, lastTurn, note, closedForMs: Math.max(0, closedForMs ?? 0) },
  };
}
