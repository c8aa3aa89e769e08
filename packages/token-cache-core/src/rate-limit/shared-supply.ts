import type { TurnDelay, TurnGrant, TurnRequest } from "../contract/lane-turns.ts";
import type { Clock } from "../time/clock.ts";
import type { Pace } from "./lane-limit.ts";
import { OwnTurns, type SuppliedLane, type Turn, type TurnSupply } from "./turn-supply.ts";
import type { TurnTable } from "./turn-table.ts";

/** The lanes that processes share through a store. */
export interface SharedTurns {
  /** `undefined` where the store cannot be asked just now. Never rejects. */
  take(group: string, lane: string, request: TurnRequest): Promise<TurnGrant | undefined>;
}

/** Turns that were given and that are not all used. */
interface TurnBlock {
  nextAt: number;
  left: number;
  number: number | undefined;
  readonly intervalMs: number;
  readonly isProbe: boolean;
}

/** A turn that is not used for so long is lost, in ms. */
const UNUSED_TURN_LIFE_MS = 250;

/** Whether the store is back is looked at so often, in ms. */
const REJOIN_INTERVAL_MS = 1_000;

/**
 * Turns that are taken from a store, so that all processes together keep the limit: in blocks where the lane is wide. While
 * the store is down, this process goes by itself, within its share.
 */
export class SharedSupply implements TurnSupply {
  readonly #shared: SharedTurns;
  readonly #processId: string;
  readonly #lane: SuppliedLane;
  readonly #clock: Clock;
  readonly #own: OwnTurns;
  #isAlone = false;
  #block: TurnBlock | undefined;
  /** Grows while blocks are used up, so that a process with few calls takes no turns from the others. */
  #blockSize = 1;
  /** What is known of the shared lane: when its next turn is, and how many it has given. */
  #known = { nextAt: Number.NEGATIVE_INFINITY, lastTurn: 0 };
  /** The furthest observation that the store does not know of yet. */
  #unreported: TurnDelay | undefined;

  constructor(shared: SharedTurns, processId: string, table: TurnTable, lane: SuppliedLane, clock: Clock) {
    this.#shared = shared;
    this.#processId = processId;
    this.#lane = lane;
    this.#clock = clock;
    this.#own = new OwnTurns(table, lane);
  }

  takeDue(pace: Pace, now: number): Turn | undefined {
    const block = this.#block;
    if (block === undefined || block.nextAt > now) return undefined;
    if (now - block.nextAt > Math.max(UNUSED_TURN_LIFE_MS, pace.burst * pace.intervalMs)) {
      this.#block = undefined;
      this.#blockSize = 1;
      return undefined;
    }
    const { number, isProbe } = block;
    block.nextAt += block.intervalMs;
    if (block.number !== undefined) block.number++;
    if (--block.left === 0) {
      this.#block = undefined;
      this.#blockSize = Math.min(pace.blockSize, this.#blockSize * 2);
    }
    return { number, isProbe };
  }

  refill(pace: Pace, wanted: number, now: number): number | Promise<number> {
    return this.#block === undefined ? this.#ask(pace, wanted) : this.#block.nextAt - now;
  }

  putOff(delay: TurnDelay, pace: Pace, now: number): void {
    if (this.#isAlone) {
      this.#own.putOff({ delayMs: delay.delayMs }, pace, now);
      return;
    }
    const { nextAt, lastTurn } = this.#known;
    const since = delay.afterTurn === undefined ? 0 : Math.max(0, lastTurn - delay.afterTurn);
    // Most observations say what is known: no request for them.
    if (now + delay.delayMs + since * pace.intervalMs <= nextAt) return;
    const isReporting = this.#unreported !== undefined;
    if (!isReporting || delay.delayMs > (this.#unreported?.delayMs ?? 0)) this.#unreported = delay;
    if (!isReporting) this.#report(pace);
  }

  close(closeForMs: number, now: number): void {
    // Also by this process's own count, in case that the store goes down.
    this.#own.close(closeForMs, now);
    this.#take({ count: 0, intervalMs: 1, burst: 1, horizonMs: 0, closeForMs });
  }

  /** Takes a block from the store. How long to wait for its first turn, or before asking again. */
  async #ask(pace: Pace, wanted: number): Promise<number> {
    const { intervalMs, burst, blockSize } = pace;
    const size = Math.min(blockSize, Math.max(this.#blockSize, wanted));
    // A narrow lane decides as late as it can, by what the other processes have learnt until then.
    const horizonMs = blockSize > 1 ? size * intervalMs : 0;
    const grant = await this.#take({ count: size, intervalMs, burst, horizonMs });
    const now = this.#clock.monotonic();
    if (grant === undefined) return this.#takeOwn(pace, now);
    const { count, startsInMs, lastTurn, closedForMs } = grant;
    if (count > 0) {
      const number = lastTurn - count + 1;
      this.#block = { nextAt: now + startsInMs, left: count, number, intervalMs, isProbe: closedForMs > 0 };
      return startsInMs;
    }
    // The first to ask gets the turn: not always the same process.
    return closedForMs || startsInMs - horizonMs + Math.random() * Math.min(10, intervalMs / 20);
  }

  /** The same without the store. */
  #takeOwn(pace: Pace, now: number): number {
    const ownPace = { ...pace, burst: 1 };
    if (!this.#isAlone) {
      this.#isAlone = true;
      // The other processes are alone from the same moment on: each begins at another one.
      this.#own.putOff({ delayMs: Math.random() * pace.intervalMs * this.#own.processes }, ownPace, now);
    }
    const turn = this.#own.takeDue(ownPace, now);
    if (turn === undefined) return Math.min(this.#own.refill(), REJOIN_INTERVAL_MS);
    this.#block = { nextAt: now, left: 1, number: undefined, intervalMs: pace.intervalMs, isProbe: turn.isProbe };
    return 0;
  }

  async #report({ intervalMs, burst }: Pace): Promise<void> {
    for (let putOff = this.#unreported; putOff !== undefined; putOff = this.#unreported) {
      await this.#take({ count: 0, intervalMs, burst, horizonMs: 0, putOff });
      if (this.#unreported === putOff) this.#unreported = undefined;
    }
  }

  async #take(request: Omit<TurnRequest, "processId">): Promise<TurnGrant | undefined> {
    const { group, name, knowledge } = this.#lane;
    const askedAt = this.#clock.monotonic();
    const grant = await this.#shared.take(group, name, {
      ...request,
      processId: this.#processId,
      note: knowledge.untold,
    });
    if (grant === undefined) return undefined;
    const now = this.#clock.monotonic();
    const { startsInMs, count, lastTurn, processes, closedForMs, note } = grant;
    this.#isAlone = false;
    this.#known = { nextAt: now + startsInMs + count * request.intervalMs, lastTurn };
    knowledge.readNote(note, now);
    this.#own.processes = processes;
    // The process that has the probe may send it.
    if (count === 0 || closedForMs === 0) this.#lane.onClosed(closedForMs, askedAt);
    return grant;
  }
}
