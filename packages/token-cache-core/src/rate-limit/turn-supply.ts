import type { TurnDelay, TurnGrant, TurnRequest } from "../contract/lane-turns.ts";
import type { LaneKnowledge } from "./lane-knowledge.ts";
import type { Pace } from "./lane-limit.ts";
import type { TurnTable } from "./turn-table.ts";

/** The right to send one call. */
export interface Turn {
  /** Its number in the lane, by which a later observation is dated; `undefined` where nobody counts just now. */
  readonly number: number | undefined;
  /** Whether it is the one call that finds out if a closed group is open again. */
  readonly isProbe: boolean;
}

/** Where the turns of one lane come from. All moments are of a monotonic clock, in ms. */
export interface TurnSupply {
  /** A turn that is due, without asking anybody else. */
  takeDue(pace: Pace, now: number): Turn | undefined;
  /** After {@link TurnSupply.takeDue} gave nothing: how long to wait before the next attempt, in ms. */
  refill(pace: Pace, wanted: number, now: number): number | Promise<number>;
  /** Puts the next turn off. */
  putOff(delay: TurnDelay, pace: Pace, now: number): void;
  /** Closes the group for so long, in ms; 0 opens it. */
  close(forMs: number, now: number): void;
}

/** Identifies a lane, and hears of its group. */
export interface SuppliedLane {
  readonly group: string;
  readonly name: string;
  readonly knowledge: LaneKnowledge;
  /** The group was closed for so long, in ms, by an answer to what was asked at that moment; 0: it was open. */
  onClosed(forMs: number, askedAt: number): void;
}

const NOTHING_WANTED = { count: 0, horizonMs: 0, intervalMs: 1, burst: 1 };

/** Turns that this process counts for itself: all of them, or its share while the others cannot be asked. */
export class OwnTurns implements TurnSupply {
  readonly #table: TurnTable;
  readonly #lane: SuppliedLane;
  #dueInMs = 0;
  /** After the last turn that was given: when the next one is due, and how many were given. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #lastTurn = 0;
  /** How many processes share the lane. */
  processes = 1;

  constructor(table: TurnTable, lane: SuppliedLane) {
    this.#table = table;
    this.#lane = lane;
  }

  takeDue({ intervalMs, burst }: Pace, now: number): Turn | undefined {
    const request = this.#request({ count: 1, intervalMs: intervalMs * this.processes, burst, horizonMs: 0 });
    const { count, startsInMs, closedForMs, lastTurn } = this.#take(request, now);
    if (count > 0) {
      this.#nextAt = now + startsInMs + request.intervalMs;
      this.#lastTurn = lastTurn;
      return { number: lastTurn, isProbe: closedForMs > 0 };
    }
    this.#dueInMs = Math.max(startsInMs, closedForMs);
    return undefined;
  }

  refill(): number {
    return this.#dueInMs;
  }

  putOff(putOff: TurnDelay, { intervalMs, burst }: Pace, now: number): void {
    const since = this.#lastTurn - (putOff.afterTurn ?? this.#lastTurn);
    // Most observations say what is known.
    if (now + putOff.delayMs + since * intervalMs * this.processes <= this.#nextAt) return;
    this.#take(this.#request({ count: 0, intervalMs: intervalMs * this.processes, burst, horizonMs: 0, putOff }), now);
  }

  close(closeForMs: number, now: number): void {
    this.#take(this.#request({ ...NOTHING_WANTED, closeForMs }), now);
  }

  #request(request: Omit<TurnRequest, "processId">): TurnRequest {
    return { ...request, processId: "" };
  }

  #take(request: TurnRequest, now: number): TurnGrant {
    const grant = this.#table.take(this.#lane.group, this.#lane.name, request, now);
    if (grant.count === 0 || grant.closedForMs > 0) this.#lane.onClosed(grant.closedForMs, now);
    return grant;
  }
}
