import { type RenewalPolicy, renewalSchedule } from "../contract/renewal-policy.ts";
import { elapsedMs, type Instant } from "../time/clock.ts";

/** Fresh: use it. Stale: use it and refresh it in the background. Expired: do not use it. */
export type Freshness = "fresh" | "stale" | "expired";

/** When a token's life began, and after how many ms it is stale, unusable and expired. */
export interface TokenLife {
  readonly startedAt: Instant;
  readonly lifetimeMs: number;
  readonly staleAfterMs: number;
  readonly unusableAfterMs: number;
}

/** The shortest wait before the next token request, after the provider sent the same token. */
const SHORTEST_REASK_MS = 1_000;

/** A smaller difference between two expiries does not count: providers round both ends to whole seconds. */
export const LATER_BY_AT_LEAST_MS = 2_000;

/** A token that the provider sends again within this time after its end, by our count, is at its end. */
const LONG_OVER_MS = 60_000;

/** How far a clock may drift from the provider's, as a share of a token's life: 6,300 s of a year (case 40). */
const DRIFT = 200e-6;

/** How long a token at its end is used until the next token request. */
const LAST_USE_MS = 5_000;

/** The life of a token that starts now, or that started when its request was sent. */
export function tokenLife(
  policy: RenewalPolicy,
  startedAt: Instant,
  lifetimeMs: number,
  random: number = Math.random(),
): TokenLife {
  return { startedAt, lifetimeMs, ...renewalSchedule(policy, lifetimeMs, random) };
}

/** Whether a token is fresh, stale or expired at a moment. Runs on the monotonic and the wall clock: see {@link elapsedMs}. */
export function freshness(life: TokenLife, now: Instant): Freshness {
  const ageMs = elapsedMs(life.startedAt, now);
  if (ageMs < life.staleAfterMs) return "fresh";
  return ageMs < life.unusableAfterMs ? "stale" : "expired";
}

/**
 * The life of a token that the provider sent again. Its expiry moves only if the provider is known to extend. Otherwise
 * the earlier expiry stays, since a provider may name the full lifetime of a token half gone. The next request waits for
 * half of the remaining life: no refresh storm (cases 3, 4). There is no better token, so it is usable until its expiry.
 */
export function lifeOfSameToken(policy: RenewalPolicy, known: TokenLife, again: TokenLife, now: Instant): TokenLife {
  if (policy.extendsSameToken === true && outlives(again, known, now)) return again;
  // It expired long ago, yet the provider sends it: the wall clock was stepped forward. The monotonic clock is right.
  const held = isLongOver(known, again.startedAt) ? byMonotonicClock(known, again.startedAt) : known;
  // Expired by the monotonic clock too: the provider's new lifetime is right.
  if (isLongOver(held, again.startedAt)) return again;
  // Just expired by our count: the first request took longer to reach the provider (case 34).
  if (remainingMs(held, again.startedAt) <= 0) return lastMoments(held, again);
  const life = remainingMs(again, now) < remainingMs(held, now) ? again : held;
  const leftMs = remainingMs(life, now);
  const reaskMs = leftMs / 2 >= SHORTEST_REASK_MS ? leftMs / 2 : leftMs;
  const reaskAfterMs = Math.max(life.staleAfterMs, life.lifetimeMs - leftMs + reaskMs);
  const unusableAfterMs = freshness(life, now) === "expired" ? life.lifetimeMs : life.unusableAfterMs;
  return { ...life, staleAfterMs: Math.min(reaskAfterMs, unusableAfterMs), unusableAfterMs };
}

/** The same life, counted by the monotonic clock alone. */
export function byMonotonicClock(life: TokenLife, at: Instant): TokenLife {
  const { monotonic } = life.startedAt;
  return { ...life, startedAt: { wall: at.wall - (at.monotonic - monotonic), monotonic } };
}

/**
 * A token at its end is used for some seconds more. After a step of the wall clock, the monotonic clock still knows the
 * right end: then the life keeps its start on that clock.
 */
function lastMoments(known: TokenLife, again: TokenLife): TokenLife {
  const { lifetimeMs, startedAt } = known;
  const spentMs = lifetimeMs - Math.min(again.lifetimeMs, LAST_USE_MS, lifetimeMs);
  const wall = again.startedAt.wall - spentMs;
  const isOver = again.startedAt.monotonic - startedAt.monotonic >= lifetimeMs;
  const monotonic = isOver ? again.startedAt.monotonic - spentMs : startedAt.monotonic;
  return { startedAt: { wall, monotonic }, lifetimeMs, staleAfterMs: lifetimeMs, unusableAfterMs: lifetimeMs };
}

/** Whether a token's end is long past. If the provider still sends the token, our count is wrong. */
export function isLongOver(life: TokenLife, at: Instant): boolean {
  return -remainingMs(life, at) >= Math.max(LONG_OVER_MS, life.lifetimeMs * DRIFT);
}

/** Whether a token lives longer than another one, by more than rounding. */
export function outlives(life: TokenLife, other: TokenLife, now: Instant): boolean {
  return remainingMs(life, now) - remainingMs(other, now) >= LATER_BY_AT_LEAST_MS;
}

/** The remaining life of a token, in ms; negative after its end. */
export function remainingMs(life: TokenLife, now: Instant): number {
  return life.lifetimeMs - elapsedMs(life.startedAt, now);
}
