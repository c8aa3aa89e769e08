import type { LaneLimit, LaneRule, LimitReading } from "../contract/rate-limits.ts";
import { type Pace, paceOf } from "./pace.ts";

/** How long after its last sign another system counts as a user of the same allowance, in ms. */
const CONTENTION_MS = 300_000;

/** Calls a second that a gateway may allow. A header that says otherwise is a mistake. */
const SLOWEST_RATE = 0.01;
const FASTEST_RATE = 1e6;

/** A bucket that takes longer to fill, in s, is used as one of this size. */
const LONGEST_FILL_S = 60;

/** A lane never slows down to less than this share of its limit. */
const SLOWEST_SHARE = 1 / 16;

/**
 * After a refusal the lane uses less of its limit (multiplicative decrease), and then steadily more (additive increase).
 * `recoveryMs`: from nothing to the full limit. While another system spends the same allowance the lane recovers slowly,
 * or each recovery would end in the next refusal.
 */
const UNEXPLAINED = { factor: 1 / 2, recoveryMs: 60_000 };
const CONTENDED = { factor: 2 / 3, recoveryMs: 1_800_000 };

/**
 * What is known of a lane's limit: documented, learnt from answers, or shared by another process. Moments are
 * monotonic, in ms.
 */
export class LearntLimit {
  readonly #documented: LaneLimit | undefined;
  /** Whether the limit is a guess, which an answer may end. */
  #isAssumed: boolean;
  #limit: LaneLimit | undefined;
  /** The share of the limit to use, as of {@link LearntLimit.#sharedAt}. */
  #share = 1;
  #sharedAt = 0;
  #contendedUntil = Number.NEGATIVE_INFINITY;
  /** Of the full limit. */
  #fullPace: Pace | undefined;
  /** The lane's note in the store, as far as this process knows. */
  #note: string | undefined;
  /**
   * Whether the other processes should know more than the note says. They may have learnt the same from answers: the
   * note is read once more before it is replaced.
   */
  #news: "none" | "unless_known" | "new" = "none";

  constructor(rule: LaneRule) {
    this.#documented = rule.limit;
    this.#isAssumed = rule.isAssumed ?? false;
    this.#setLimit(rule.limit);
  }

  /** The limit as it is known now; `undefined` if there is none. */
  get current(): LaneLimit | undefined {
    return this.#limit;
  }

  /** The pace to keep now; `undefined` in a lane without a limit. */
  pace(now: number): Pace | undefined {
    if (this.#share === 1 || this.#limit === undefined) return this.#fullPace;
    const isContended = this.#isContended(now);
    const share = this.#shareNow(now);
    if (!isContended && share === 1) {
      this.#share = 1;
      return this.#fullPace;
    }
    return paceOf(this.#limit, share, isContended);
  }

  /** Whether it uses all of its limit again, after the last refusal. */
  isRecovered(now: number): boolean {
    return this.pace(now) === this.#fullPace;
  }

  /** Learns from an answer's headers. Returns whether they tell another limit. */
  learn(reading: LimitReading | undefined, now: number, isRefusal: boolean): boolean {
    const before = this.#limit;
    // An accepted call whose answer tells nothing ends a limit that is only assumed.
    const isUnlimited = this.#isAssumed && !isRefusal && reading?.perSecond === undefined;
    const limit = isUnlimited ? undefined : learnLimit(before, reading ?? {});
    const { remaining = Number.POSITIVE_INFINITY } = reading ?? {};
    if (this.#isContended(now) && remaining < (limit?.burst ?? 0) - 1) this.#contendedUntil = now + CONTENTION_MS;
    if (limit === before) return false;
    this.#setLimit(limit);
    if (this.#news === "none") this.#news = "unless_known";
    return true;
  }

  /** A call was refused. `isExplained`: the headers say that the allowance is spent, so another system spent it. */
  refused(isExplained: boolean, now: number): void {
    this.#isAssumed = false;
    if (this.#limit === undefined) this.#setLimit(this.#documented);
    const { factor } = isExplained ? CONTENDED : UNEXPLAINED;
    this.#slowDown(Math.max(SLOWEST_SHARE, this.#shareNow(now) * factor), isExplained, now);
    this.#tell();
  }

  /** What the other processes should know and were not told yet. */
  untold(now: number): string | undefined {
    if (this.#news !== "new" || this.#limit === undefined) return undefined;
    const { perSecond, burst } = this.#limit;
    this.#note = [perSecond, burst ?? 0, this.#shareNow(now).toFixed(3), this.#isContended(now) ? 1 : 0].join(" ");
    return this.#note;
  }

  /** What the lane's note says now: what this process told, or what another one has learnt. */
  readNote(note: string | undefined, now: number): void {
    const isKnown = note !== undefined && note === this.#note;
    if (this.#news === "new") {
      if (isKnown) this.#news = "none";
      return;
    }
    const [perSecond, burst, share = 1, contended] = (note ?? "").split(" ").map(Number);
    const limit = learnLimit(this.#limit, { perSecond, burst });
    if (this.#news === "unless_known") {
      this.#news = "none";
      if (note === undefined || limit !== this.#limit) this.#tell();
    }
    if (this.#news !== "none" || note === undefined || isKnown) return;
    this.#note = note;
    if (limit !== this.#limit) this.#setLimit(limit);
    if (share >= SLOWEST_SHARE && share < 1) this.#slowDown(share, contended === 1, now);
  }

  #tell(): void {
    this.#news = "new";
    // The store's answers that are on their way do not contain it yet.
    this.#note = undefined;
  }

  #slowDown(share: number, isContended: boolean, now: number): void {
    this.#share = share;
    this.#sharedAt = now;
    if (isContended) this.#contendedUntil = now + CONTENTION_MS;
  }

  #isContended(now: number): boolean {
    return now < this.#contendedUntil;
  }

  #shareNow(now: number): number {
    if (this.#share === 1) return 1;
    // Slow recovery until the contention ends, quick recovery from then on.
    const slowMs = Math.max(0, Math.min(now, this.#contendedUntil) - this.#sharedAt);
    const quickMs = now - this.#sharedAt - slowMs;
    return Math.min(1, this.#share + slowMs / CONTENDED.recoveryMs + quickMs / UNEXPLAINED.recoveryMs);
  }

  #setLimit(limit: LaneLimit | undefined): void {
    this.#limit = limit;
    this.#fullPace = limit && paceOf(limit);
  }
}

/** The limit by the newest reading: what a header says replaces what is documented. */
export function learnLimit(known: LaneLimit | undefined, { perSecond, burst }: LimitReading): LaneLimit | undefined {
  if (!isWithin(perSecond, SLOWEST_RATE, FASTEST_RATE)) return known;
  const isBurstNamed = burst !== undefined && burst > 0;
  const capacity = isBurstNamed ? Math.max(1, Math.min(burst, perSecond * LONGEST_FILL_S)) : known?.burst;
  if (known?.perSecond === perSecond && known.burst === capacity) return known;
  return { perSecond, burst: capacity };
}

function isWithin(value: number | undefined, least: number, most: number): value is number {
  return value !== undefined && value >= least && value <= most;
}
