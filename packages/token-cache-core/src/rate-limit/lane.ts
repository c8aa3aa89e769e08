import type { LaneRule, LimitReading, RateRefusal } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Clock } from "../time/clock.ts";
import type { Bucket, Turn } from "./bucket.ts";
import type { LearntLimit } from "./learnt-limit.ts";
import { delayByRemaining } from "./pace.ts";
import type { QuotaGate } from "./quota-gate.ts";

/** What a {@link Lane} is made from. */
export interface LaneInit {
  readonly provider: string;
  readonly rule: LaneRule;
  readonly limit: LearntLimit;
  readonly gate: QuotaGate;
  readonly bucket: Bucket;
  readonly clock: Clock;
  /** What an exhausted quota means and what to do about it. */
  readonly quotaMessage: string;
}

/** The pause after a refusal that names none. */
const REFUSAL_BACKOFF = { baseMs: 500, capMs: 10_000 };

/** A fast lane reads the headers of one answer in this time, in ms: reading takes as long as all other work. */
const READ_INTERVAL_MS = 5;

/** A lane is idle if it gives no turn for this long, in ms: longer than any call takes. */
const IDLE_MS = 600_000;

/** The turn of a lane without a known limit. */
const UNCOUNTED: Turn = { number: undefined, isProbe: false };

/** A lane, the calls that the provider counts together: gives them turns, and learns from the answers. */
export class Lane {
  readonly rule: LaneRule;
  readonly limit: LearntLimit;
  readonly gate: QuotaGate;
  readonly #init: LaneInit;
  #refusalsInARow = 0;
  /** When the call was sent whose answer's headers were read last. */
  #readSentAt = Number.NEGATIVE_INFINITY;
  /** When a turn was asked for last. */
  #usedAt: number;
  /** After a refusal. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** A turn that was given back, valid until that moment. */
  #unused: { readonly turn: Turn; readonly until: number } | undefined;

  constructor(init: LaneInit) {
    this.rule = init.rule;
    this.limit = init.limit;
    this.gate = init.gate;
    this.#init = init;
    this.#usedAt = init.clock.monotonic();
  }

  /** Whether nothing is lost if it is forgotten: no turn was given lately, and none is put off. */
  isIdle(now: number): boolean {
    if (now - this.#usedAt < IDLE_MS || this.isSlowed(now)) return false;
    const pace = this.limit.pace(now);
    return pace === undefined || this.#init.bucket.isFull(pace, now);
  }

  /** Whether it pauses after a refusal, or is still slower. */
  isSlowed(now: number): boolean {
    return now < this.#pausedUntil || !this.limit.isRecovered(now);
  }

  /** A turn that is due now. */
  takeDue(now: number): Turn | undefined {
    this.#usedAt = now;
    if (this.#unused !== undefined) return this.#takeUnused(now);
    if (this.gate.isClosed && this.gate.closedForMs(now) > 0) return undefined;
    const pace = this.limit.pace(now);
    if (pace !== undefined) return this.#init.bucket.takeDue(pace, now);
    if (now < this.#pausedUntil) return undefined;
    return this.gate.isClosed ? this.gate.startProbe(now) : UNCOUNTED;
  }

  /** How long to wait for the next attempt, in ms, after {@link Lane.takeDue} gave nothing. */
  untilDue(wanted: number, now: number): number | Promise<number> {
    const closedForMs = this.gate.closedForMs(now);
    if (closedForMs > 0) return closedForMs;
    const pace = this.limit.pace(now);
    return pace === undefined ? this.#pausedUntil - now : this.#init.bucket.refill(pace, wanted, now);
  }

  /** An accepted call was sent at that moment: whether the headers of its answer are worth reading. */
  isReadingDue(sentAt: number): boolean {
    const sinceMs = sentAt - this.#readSentAt;
    if (sinceMs < READ_INTERVAL_MS && (this.limit.pace(sentAt)?.intervalMs ?? sinceMs) < READ_INTERVAL_MS) return false;
    this.#readSentAt = sentAt;
    return true;
  }

  /** Whether a turn was given back, and not taken since. */
  get hasUnusedTurn(): boolean {
    return this.#unused !== undefined;
  }

  /** Takes back an unused turn, for the next caller. */
  giveBack(turn: Turn, now: number): void {
    const lateMs = this.limit.pace(now)?.lateMs;
    if (lateMs !== undefined) this.#unused = { turn, until: now + lateMs };
  }

  /**
   * Learns from an answer to a call that was sent at that moment. Returns whether the headers tell another limit; and if the
   * call was refused for its rate, for how long the lane pauses, in ms.
   */
  answered(
    turn: Turn,
    sentAt: number,
    now: number,
    reading: LimitReading | undefined,
    refusal: RateRefusal | undefined,
  ): { readonly isNews: boolean; readonly pauseMs: number | undefined } {
    const closedForMs = refusal?.closedForMs ?? reading?.closedForMs;
    const isNews = this.limit.learn(reading, now, refusal !== undefined);
    if (closedForMs !== undefined) this.gate.set(closedForMs, now);
    else if (turn.isProbe) this.gate.set(0, now);
    const remaining = reading?.remaining;
    const pace = this.limit.pace(now);
    if (remaining !== undefined && pace !== undefined) {
      this.#init.bucket.putOff(delayByRemaining(pace, remaining, turn.number, now - sentAt), pace, now);
    }
    if (refusal === undefined) this.#refusalsInARow = 0;
    // An exhausted quota says nothing about the rate.
    const isForRate = refusal !== undefined && closedForMs === undefined;
    return { isNews, pauseMs: isForRate ? this.#pause(refusal, remaining, now) : undefined };
  }

  /** `others`: how many other calls wait. `untilTurnMs`: the time until the lane's next turn. */
  tooLongError(others: number, untilTurnMs: number): TokenError {
    const { provider, clock } = this.#init;
    const { intervalMs = 0 } = this.limit.pace(clock.monotonic()) ?? {};
    const retryAfterMs = Math.ceil(Math.max(0, untilTurnMs) + others * intervalMs);
    const message =
      `The call got no turn in time and was not sent. The limit of ${this.rule.name} has a turn for it in about ` +
      `${retryAfterMs} ms: ${others} other calls wait. Send fewer calls, or raise rateLimit.maxWaitMs.`;
    return new TokenError("rate_limited", { message, provider, retryAfterMs });
  }

  quotaError(closedForMs: number): TokenError {
    const { provider, quotaMessage: message } = this.#init;
    return new TokenError("quota_exhausted", { message, provider, retryAfterMs: Math.ceil(closedForMs) });
  }

  /** The provider refused a call for its rate: the lane pauses, and slows down. */
  #pause({ retryAfterMs }: RateRefusal, remaining: number | undefined, now: number): number {
    const isExplained = remaining !== undefined && remaining < 1;
    this.#refusalsInARow++;
    this.limit.refused(isExplained, now);
    const pace = this.limit.pace(now);
    const isTimed = isExplained && pace !== undefined;
    const ownPauseMs = isTimed ? pace.intervalMs : backoffMs(this.#refusalsInARow, REFUSAL_BACKOFF);
    // A shorter time is none: the gateway's clock is not ours.
    const isPauseNamed = retryAfterMs !== undefined && retryAfterMs >= REFUSAL_BACKOFF.baseMs;
    const pauseMs = isPauseNamed ? retryAfterMs : ownPauseMs;
    this.#pausedUntil = now + pauseMs;
    if (pace !== undefined) this.#init.bucket.putOff({ delayMs: pauseMs }, pace, now);
    return pauseMs;
  }

  #takeUnused(now: number): Turn | undefined {
    const unused = this.#unused;
    this.#unused = undefined;
    return unused !== undefined && now < unused.until ? unused.turn : this.takeDue(now);
  }
}
