import type { Instant } from "./clock.ts";
import { httpDateMs } from "./http-date.ts";

/** How far a server's clock is ahead of this machine's wall clock: somewhere between the two, in ms. */
export interface ClockOffset {
  readonly lowerMs: number;
  readonly upperMs: number;
}

/** A reading of the server's clock, at some moment between sending the request and receiving the answer. */
export interface ServerTimeReading {
  /** The server's time, epoch ms, rounded down to a whole second. */
  readonly serverTimeMs: number;
  readonly sentAt: Instant;
  readonly receivedAt: Instant;
}

/** `Date` headers count in whole seconds, and so do the times in providers' answers. */
const RESOLUTION_MS = 1_000;

/** Two clocks drift apart: the interval widens by this share of the time since it was learnt. */
const DRIFT = 200e-6;

/**
 * The wall clock was stepped by what it has moved more or less than the monotonic one. A smaller step than this widens
 * the interval, a larger one ends it.
 */
const STEP_MS = 1_000;

/**
 * The time at a provider, synced from its answers: not a guess but an interval that each answer narrows. Until the first
 * answer, and after a step of the wall clock, this machine's wall clock counts.
 */
export interface ServerClock {
  /**
   * The earliest time that it can be at the server, epoch ms. Once an answer is known, it is never in the server's
   * future.
   */
  earliest(now: Instant): number;
  /** The clock offset now; `undefined` while unknown. */
  offset(now: Instant): ClockOffset | undefined;
  /** Narrows the offset by one reading, or starts again if the two contradict each other. */
  learn(reading: ServerTimeReading): void;
  /** Learns from an answer's `Date` header. Ignores answers of HTTP caches (`Age`) and unreadable dates. */
  learnFromHeaders(headers: Headers, sentAt: Instant, receivedAt: Instant): void;
}

/** The intersection of all readings so far, widened by drift (Marzullo's idea, for one server). */
export class SyncedServerClock implements ServerClock {
  #known: { offset: ClockOffset; at: Instant } | undefined;
  readonly #onSynced: ((offset: ClockOffset) => void) | undefined;

  constructor(onSynced?: (offset: ClockOffset) => void) {
    this.#onSynced = onSynced;
  }

  earliest(now: Instant): number {
    return now.wall + (this.offset(now)?.lowerMs ?? 0);
  }

  offset(now: Instant): ClockOffset | undefined {
    if (this.#known === undefined) return undefined;
    const { offset, at } = this.#known;
    const monotonicMs = now.monotonic - at.monotonic;
    const steppedMs = Math.abs(now.wall - at.wall - monotonicMs);
    if (steppedMs > STEP_MS) return undefined;
    // Answers may be learnt from in another order than their requests were sent: `at` can lie ahead of `now`.
    const vagueMs = Math.abs(monotonicMs) * DRIFT + steppedMs;
    return { lowerMs: offset.lowerMs - vagueMs, upperMs: offset.upperMs + vagueMs };
  }

  learn(reading: ServerTimeReading): void {
    const { serverTimeMs, sentAt, receivedAt } = reading;
    // The wall clock may be stepped while the request is under way, so only its first reading counts.
    const receivedWall = sentAt.wall + Math.max(0, receivedAt.monotonic - sentAt.monotonic);
    const fresh = { lowerMs: serverTimeMs - receivedWall, upperMs: serverTimeMs + RESOLUTION_MS - sentAt.wall };
    const before = this.offset(sentAt);
    const both = before && {
      lowerMs: Math.max(before.lowerMs, fresh.lowerMs),
      upperMs: Math.min(before.upperMs, fresh.upperMs),
    };
    const isConsistent = both !== undefined && both.lowerMs <= both.upperMs;
    const offset = isConsistent ? both : fresh;
    this.#known = { offset, at: sentAt };
    if (!isConsistent) this.#onSynced?.(offset);
  }

  learnFromHeaders(headers: Headers, sentAt: Instant, receivedAt: Instant): void {
    const serverTimeMs = httpDateMs(headers.get("date") ?? "");
    if (Number.isNaN(serverTimeMs) || headers.has("age")) return;
    this.learn({ serverTimeMs, sentAt, receivedAt });
  }
}
