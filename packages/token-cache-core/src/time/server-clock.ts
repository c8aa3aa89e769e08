import type { Instant } from "./clock.ts";
import { httpDateMs } from "./http-date.ts";

/** How far a server's clock is ahead of this machine's wall clock: somewhere between the two, in ms. */
export interface ClockOffset {
  readonly lowerMs: number;
  readonly upperMs: number;
}

/** A server saying what time it is, at some moment between sending the request and receiving the answer. */
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
 * What time it is at a provider, learnt from its answers: not a guess but an interval, that each answer narrows. Where
 * nothing is known, or the wall clock was stepped since, this machine's wall clock is taken.
 */
export class ServerClock {
  #known: { offset: ClockOffset; at: Instant } | undefined;
  readonly #onLearnt: ((offset: ClockOffset) => void) | undefined;

  constructor(onLearnt?: (offset: ClockOffset) => void) {
    this.#onLearnt = onLearnt;
  }

  /** The earliest that it can be at the server, epoch ms: never in its future, if anything is known. */
  earliest(now: Instant): number {
    return now.wall + (this.offset(now)?.lowerMs ?? 0);
  }

  /** What is known of the offset now; `undefined` where nothing is. */
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

  /** Learns from one reading: narrows what is known, or starts anew where they contradict each other. */
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
    if (!isConsistent) this.#onLearnt?.(offset);
  }

  /**
   * Learns from an answer's `Date` header. Answers of a cache (`Age`), and dates that cannot be read, say nothing
   * about the server's clock now (case 14).
   */
  learnFromHeaders(headers: Headers, sentAt: Instant, receivedAt: Instant): void {
    const serverTimeMs = httpDateMs(headers.get("date") ?? "");
    if (Number.isNaN(serverTimeMs) || headers.has("age")) return;
    this.learn({ serverTimeMs, sentAt, receivedAt });
  }
}
