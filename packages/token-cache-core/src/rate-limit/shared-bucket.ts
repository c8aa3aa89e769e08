import type { TurnDelay, TurnGrant, TurnRequest } from "../contract/lane-turns.ts";
import type { Clock } from "../time/clock.ts";
import type { Bucket, Turn } from "./bucket.ts";
import type { LearntLimit } from "./learnt-limit.ts";
import { LocalBucket } from "./local-bucket.ts";
import type { Pace } from "./pace.ts";
import type { QuotaGate } from "./quota-gate.ts";

/** The lanes that processes share through a store. */
export interface SharedTurns {
  /** `undefined` while the store is down. Never rejects. */
  take(group: string, lane: string, request: TurnRequest): Promise<TurnGrant | undefined>;
}

/** What a {@link SharedBucket} is made from. */
export interface SharedBucketInit {
  readonly shared: SharedTurns;
  readonly processId: string;
  readonly group: string;
  readonly lane: string;
  readonly limit: LearntLimit;
  readonly gate: QuotaGate;
  readonly clock: Clock;
}

/** Turns that are reserved in the store and not used yet. */
interface Reservation {
  nextAt: number;
  left: number;
  number: number | undefined;
  readonly intervalMs: number;
  readonly isProbe: boolean;
}

/** A turn that the process may keep is lost this long after its time, in ms. */
const KEPT_MS = 10_000;

/** How often to check whether the store is back, in ms. */
const REJOIN_INTERVAL_MS = 1_000;

/**
 * A token bucket that processes share through a store. In a wide lane, turns are reserved in blocks. While the store is
 * down, this process paces itself within its share.
 */
export class SharedBucket implements Bucket {
  readonly #init: SharedBucketInit;
  readonly #own: LocalBucket;
  #isAlone = false;
  #reserved: Reservation | undefined;
  /** Grows while reservations are used up, so that a process with few calls takes no turns from the others. */
  #blockSize = 1;
  /** What is known of the shared lane: when its next turn is, and how many it has given. */
  #known = { nextAt: Number.NEGATIVE_INFINITY, lastTurn: 0 };
  /** The furthest observation that the store does not know of yet. */
  #unreported: TurnDelay | undefined;

  constructor(init: SharedBucketInit) {
    this.#init = init;
    this.#own = new LocalBucket(init.gate);
  }

  takeDue(pace: Pace, now: number): Turn | undefined {
    const reserved = this.#reserved;
    if (reserved === undefined || reserved.nextAt > now) return undefined;
    const { gate } = this.#init;
    // The quota is closed by now: the store decides which process sends the probe.
    if (gate.isClosed && !reserved.isProbe) {
      this.#reserved = undefined;
      return undefined;
    }
    if (now - reserved.nextAt > pace.lateMs) {
      this.#dropLate(reserved, pace, now);
      if (reserved.left === 0 || reserved.nextAt > now) return undefined;
    }
    const { number, isProbe } = reserved;
    useTurns(reserved, 1);
    if (reserved.left === 0) {
      this.#reserved = undefined;
      this.#blockSize = Math.min(pace.blockSize, this.#blockSize * 2);
    }
    return isProbe ? gate.startProbe(now) : { number, isProbe };
  }

  refill(pace: Pace, wanted: number, now: number): number | Promise<number> {
    return this.#reserved === undefined ? this.#reserve(pace, wanted) : this.#reserved.nextAt - now;
  }

  putOff(delay: TurnDelay, pace: Pace, now: number): void {
    if (this.#isAlone) {
      this.#own.putOff({ delayMs: delay.delayMs }, pace, now);
      return;
    }
    const { nextAt, lastTurn } = this.#known;
    const since = delay.afterTurn === undefined ? 0 : Math.max(0, lastTurn - delay.afterTurn);
    // Most observations say what is known, or delay nothing now: no request for them.
    const knownUntil = pace.blockSize > 1 ? Math.max(nextAt, now) : nextAt;
    if (now + delay.delayMs + since * pace.intervalMs <= knownUntil) return;
    const isReporting = this.#unreported !== undefined;
    if (!isReporting || delay.delayMs > (this.#unreported?.delayMs ?? 0)) this.#unreported = delay;
    if (!isReporting) this.#report(pace);
  }

  isFull(pace: Pace, now: number): boolean {
    return this.#unreported === undefined && this.#known.nextAt <= now && this.#own.isFull(pace, now);
  }

  /** Rare callers keep some turns, or each of their calls would ask the store. */
  #dropLate(reserved: Reservation, pace: Pace, now: number): void {
    const lateMs = now - reserved.nextAt;
    const late = Math.min(reserved.left, Math.floor(lateMs / reserved.intervalMs) + 1);
    const mayKeep = lateMs > KEPT_MS || reserved.isProbe ? 0 : this.#keptTurns(pace);
    useTurns(reserved, Math.max(0, late - mayKeep));
    if (reserved.left > 0) return;
    this.#reserved = undefined;
    this.#blockSize = 1;
  }

  /** This process's share of the turns that all processes together may keep. */
  #keptTurns({ keptTurns }: Pace): number {
    return Math.floor(keptTurns / this.#own.processes);
  }

  /** Reserves turns in the store. Returns how long to wait for the first one, or before asking again, in ms. */
  async #reserve(pace: Pace, wanted: number): Promise<number> {
    const { intervalMs, burst, blockSize } = pace;
    const size = Math.min(blockSize, Math.max(this.#blockSize, wanted, 1 + this.#keptTurns(pace)));
    // A narrow lane decides as late as it can, since the other processes may learn more until then.
    const horizonMs = blockSize > 1 ? size * intervalMs : 0;
    const grant = await this.#take({ count: size, intervalMs, burst, horizonMs });
    const now = this.#init.clock.monotonic();
    if (grant === undefined) return this.#takeOwn(pace, now);
    const { count, startsInMs, lastTurn, closedForMs } = grant;
    if (count > 0) {
      const number = lastTurn - count + 1;
      this.#reserved = { nextAt: now + startsInMs, left: count, number, intervalMs, isProbe: closedForMs > 0 };
      return closedForMs > 0 ? 0 : startsInMs;
    }
    // The first to ask gets the turn. The random wait lets each process be first at times.
    return closedForMs || startsInMs - horizonMs + Math.random() * Math.min(10, intervalMs / 20);
  }

  /** The same without the store. */
  #takeOwn(pace: Pace, now: number): number {
    const ownPace = { ...pace, burst: 1 };
    if (!this.#isAlone) {
      this.#isAlone = true;
      // All processes lose the store at the same moment. A random delay spreads their calls.
      this.#own.putOff({ delayMs: Math.random() * pace.intervalMs * this.#own.processes }, ownPace, now);
    }
    const isProbe = this.#init.gate.isClosed;
    if (!isProbe && this.#own.takeDue(ownPace, now) === undefined) {
      return Math.min(this.#own.refill(ownPace, 1, now), REJOIN_INTERVAL_MS);
    }
    this.#reserved = { nextAt: now, left: 1, number: undefined, intervalMs: pace.intervalMs, isProbe };
    return 0;
  }

  async #report({ intervalMs, burst }: Pace): Promise<void> {
    for (let putOff = this.#unreported; putOff !== undefined; putOff = this.#unreported) {
      await this.#take({ count: 0, intervalMs, burst, horizonMs: 0, putOff });
      if (this.#unreported === putOff) this.#unreported = undefined;
    }
  }

  async #take(request: Omit<TurnRequest, "processId">): Promise<TurnGrant | undefined> {
    const { shared, processId, group, lane, limit, gate, clock } = this.#init;
    const askedAt = clock.monotonic();
    const grant = await shared.take(group, lane, { ...request, processId, note: limit.untold(askedAt) });
    if (grant === undefined) return undefined;
    const now = clock.monotonic();
    const { startsInMs, count, lastTurn, processes, closedForMs, note } = grant;
    this.#isAlone = false;
    this.#known = { nextAt: now + startsInMs + count * request.intervalMs, lastTurn };
    limit.readNote(note, now);
    this.#own.processes = processes;
    // The process that has the probe may send it.
    if (count === 0 || closedForMs === 0) gate.adopt(closedForMs, now, askedAt);
    return grant;
  }
}

function useTurns(reserved: Reservation, count: number): void {
  reserved.left -= count;
  reserved.nextAt += count * reserved.intervalMs;
  if (reserved.number !== undefined) reserved.number += count;
}
