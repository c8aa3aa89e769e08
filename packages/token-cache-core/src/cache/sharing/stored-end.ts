import type { RenewalPolicy } from "../../contract/renewal-policy.ts";
import type { Instant } from "../../time/clock.ts";
import {
  byMonotonicClock,
  isLongOver,
  LATER_BY_AT_LEAST_MS,
  outlives,
  type TokenLife,
  tokenLife,
} from "../freshness.ts";

/** A token's end as the store reports it, also of an entry that this process cannot read. */
export interface StoredEnd {
  /** The token's {@link AccessToken.id}. */
  readonly id: string;
  /** When the store was asked. The remaining life counts from then, so it never seems longer than it is. */
  readonly readAt: Instant;
  readonly remainingMs: number;
  /** From the token's start to its end, if the entry can be read. */
  readonly lifetimeMs?: number;
}

/** A token's life until the end that the store reports. */
export function lifeUntil(policy: RenewalPolicy, end: StoredEnd, likelyLifetimeMs: number): TokenLife {
  const { readAt, remainingMs, lifetimeMs = likelyLifetimeMs } = end;
  const ageMs = Math.max(0, lifetimeMs - remainingMs);
  return tokenLife(policy, { wall: readAt.wall - ageMs, monotonic: readAt.monotonic - ageMs }, lifetimeMs);
}

/**
 * The earlier expiry of the two. If a step of the wall clock put ours long into the past, the monotonic clock counts.
 * If that clock agrees, only the other one counts (case 33).
 */
export function earlierEnd(
  own: TokenLife | undefined,
  seen: TokenLife | undefined,
  at: Instant,
): TokenLife | undefined {
  if (own === undefined || seen === undefined) return own ?? seen;
  const counted = isLongOver(own, at) ? byMonotonicClock(own, at) : own;
  return isLongOver(counted, at) || outlives(counted, seen, at) ? seen : notPastMonotonicEnd(counted, seen);
}

/**
 * Ours may be the earlier expiry only by a wall clock that was set forward. By the monotonic clock, the other one counts
 * then (case 33).
 */
function notPastMonotonicEnd(own: TokenLife, seen: TokenLife): TokenLife {
  const endOf = ({ startedAt, lifetimeMs }: TokenLife) => startedAt.monotonic + lifetimeMs;
  const laterByMs = endOf(own) - endOf(seen);
  if (laterByMs < LATER_BY_AT_LEAST_MS) return own;
  const { wall, monotonic } = own.startedAt;
  return { ...own, startedAt: { wall, monotonic: monotonic - laterByMs } };
}
