import { abortable } from "../abortable.ts";
import type { TokenError } from "../contract/token-error.ts";
import type { Clock } from "../time/clock.ts";
import type { Turn } from "./bucket.ts";
import type { Lane } from "./lane.ts";

/** How a caller waits for a turn. */
export interface WaitOptions {
  /** Whose call it is: {@link FairQueue}. */
  readonly identity: string;
  /** When the turn is needed, in ms of the monotonic clock: {@link DeadlineQueue}. Default: now. */
  readonly neededAt?: number | undefined;
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** How long the caller waits at most, in ms. Default: as long as it takes, but not for a quota's end. */
  readonly maxWaitMs?: number | undefined;
  /** Puts the call before the identity's others, and a token request before all others: it had its turn already. */
  readonly isFirst?: boolean | undefined;
  /** Receives a function to call when the turn is needed at once. */
  readonly onQueued?: ((hurry: () => void) => void) | undefined;
}

/** A caller that waits. */
export interface Waiter {
  readonly identity: string;
  neededAt: number;
  /** `undefined`: it waits as long as it takes, but not for a quota's end. */
  readonly givesUpAt: number | undefined;
  readonly resolve: (turn: Turn) => void;
  readonly reject: (reason: unknown) => void;
}

/** Decides who is next. */
export interface WaiterQueue extends Iterable<Waiter> {
  readonly size: number;
  add(waiter: Waiter, isFirst?: boolean): void;
  next(): Waiter | undefined;
  remove(waiter: Waiter): void;
}

/** From this wait on, calls that give up before its end learn so at once, in ms. */
const LONG_WAIT_MS = 1_000;

/** The line in which calls wait for the turns of a lane. */
export class WaitingLine {
  readonly lane: Lane;
  readonly #queue: WaiterQueue;
  readonly #clock: Clock;
  /** Whether callers wait in one queue. On Workers, no request may wait for another one. */
  readonly #sharedQueues: boolean;
  /** End the waits outside the queue. */
  readonly #alone = new Set<AbortController>();
  #isServing = false;
  /** While all wait: when the next turn comes, on the monotonic clock. */
  #nextTurnAt = Number.NEGATIVE_INFINITY;
  #wake: () => void = ignore;

  constructor(lane: Lane, queue: WaiterQueue, clock: Clock, sharedQueues: boolean) {
    this.lane = lane;
    this.#queue = queue;
    this.#clock = clock;
    this.#sharedQueues = sharedQueues;
  }

  /** How many callers wait. */
  get size(): number {
    return this.#queue.size;
  }

  /** Whether nobody waits, and nothing is lost if the line is forgotten. */
  isIdle(now: number): boolean {
    return this.#queue.size === 0 && this.#alone.size === 0 && this.lane.isIdle(now);
  }

  /** A turn without a wait, if there is room and nobody waits. */
  takeDue(now: number): Turn | undefined {
    return this.#queue.size > 0 ? undefined : this.lane.takeDue(now);
  }

  /**
   * Waits for a turn.
   *
   * @throws TokenError `rate_limited` after `maxWaitMs`; `quota_exhausted` at once if the lane stays closed for longer;
   * or the signal's reason
   */
  wait(options: WaitOptions): Promise<Turn> {
    return this.#sharedQueues ? this.#waitInLine(options) : this.#waitAlone(options);
  }

  /** Takes back a turn that was not used. */
  giveBack(turn: Turn): void {
    this.lane.giveBack(turn, this.#clock.monotonic());
    this.#wake();
  }

  /** Ends all waits. */
  end(reason: TokenError): void {
    for (const waiter of [...this.#queue]) waiter.reject(reason);
    for (const alone of this.#alone) alone.abort(reason);
    this.#wake();
  }

  /** The limit has changed, or the quota gate closed or opened. Callers that cannot wait that long fail now. */
  changed(): void {
    const now = this.#clock.monotonic();
    const closedForMs = this.lane.gate.closedForMs(now);
    if (closedForMs > 0) {
      for (const waiter of [...this.#queue]) {
        if (!waitsUntil(waiter, now + closedForMs)) waiter.reject(this.lane.quotaError(closedForMs));
      }
    }
    this.#wake();
  }

  #waitInLine({ identity, neededAt, signal, maxWaitMs, isFirst, onQueued }: WaitOptions): Promise<Turn> {
    return new Promise<Turn>((resolve, reject) => {
      signal?.throwIfAborted();
      const now = this.#clock.monotonic();
      const closedForMs = this.lane.gate.closedForMs(now);
      if (closedForMs > (maxWaitMs ?? 0)) throw this.lane.quotaError(closedForMs);

      const leave = () => {
        timer?.cancel();
        signal?.removeEventListener("abort", onAbort);
        this.#queue.remove(waiter);
      };
      const waiter: Waiter = {
        identity,
        neededAt: neededAt ?? Number.NEGATIVE_INFINITY,
        givesUpAt: maxWaitMs === undefined ? undefined : now + maxWaitMs,
        resolve: (turn) => {
          leave();
          resolve(turn);
        },
        reject: (reason) => {
          leave();
          reject(reason);
        },
      };
      const onAbort = () => waiter.reject(signal?.reason);
      const giveUp = () => waiter.reject(this.#tooLongError(this.#clock.monotonic()));
      const timer = maxWaitMs === undefined ? undefined : this.#clock.setTimer(giveUp, maxWaitMs);
      timer?.keepAlive();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#queue.add(waiter, isFirst);
      onQueued?.(() => {
        waiter.neededAt = Number.NEGATIVE_INFINITY;
        this.#queue.add(waiter);
      });
      this.#serve();
      if (waiter.givesUpAt !== undefined && waiter.givesUpAt < this.#nextTurnAt) this.#rejectHopeless(now);
    });
  }

  /** Waits without a queue: neither fair nor in order, but by timers of this caller alone. */
  async #waitAlone({ signal, maxWaitMs }: WaitOptions): Promise<Turn> {
    const alone = new AbortController();
    const giveUp = () => alone.abort(this.lane.tooLongError(0, 0));
    const timer = maxWaitMs === undefined ? undefined : this.#clock.setTimer(giveUp, maxWaitMs);
    timer?.keepAlive();
    this.#alone.add(alone);
    try {
      const ended = signal === undefined ? alone.signal : AbortSignal.any([signal, alone.signal]);
      return await this.#takeAlone(ended, maxWaitMs);
    } finally {
      timer?.cancel();
      this.#alone.delete(alone);
    }
  }

  async #takeAlone(ended: AbortSignal, maxWaitMs: number | undefined): Promise<Turn> {
    const startedAt = this.#clock.monotonic();
    for (;;) {
      ended.throwIfAborted();
      const now = this.#clock.monotonic();
      const turn = this.lane.takeDue(now);
      if (turn !== undefined) return turn;
      const closedForMs = this.lane.gate.closedForMs(now);
      const leftMs = maxWaitMs === undefined ? undefined : startedAt + maxWaitMs - now;
      if (closedForMs > (leftMs ?? 0)) throw this.lane.quotaError(closedForMs);
      // The store may take its time to answer.
      const waitMs = await abortable(Promise.resolve(this.lane.untilDue(1, now)), ended);
      if (maxWaitMs !== undefined && waitMs > (leftMs ?? 0)) throw this.lane.tooLongError(0, waitMs);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = this.#clock.setTimer(resolve, waitMs);
      await abortable(promise, ended).finally(() => timer.cancel());
    }
  }

  /** Gives turns while anybody waits. Who gets a turn is decided when it is due, not when it is requested. */
  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#queue.size > 0) {
      const now = this.#clock.monotonic();
      const turn = this.lane.takeDue(now);
      if (turn === undefined) await this.#awaitTurn(await this.lane.untilDue(this.#queue.size, now));
      else this.#queue.next()?.resolve(turn);
    }
    this.#isServing = false;
  }

  async #awaitTurn(ms: number): Promise<void> {
    // The waiting callers may have left meanwhile, or a turn may have come back.
    if (!(ms > 0) || this.#queue.size === 0 || this.lane.hasUnusedTurn) return;
    const now = this.#clock.monotonic();
    this.#nextTurnAt = now + ms;
    // In a long line, looking through it for each turn would take longer than the turns themselves.
    if (ms >= LONG_WAIT_MS) this.#rejectHopeless(now);
    await this.#sleep(ms);
  }

  /** Callers that give up before the next turn need not wait until then. */
  #rejectHopeless(now: number): void {
    const closedForMs = this.lane.gate.closedForMs(now);
    for (const waiter of [...this.#queue]) {
      if (waiter.givesUpAt === undefined || waiter.givesUpAt >= this.#nextTurnAt) continue;
      waiter.reject(closedForMs > 0 ? this.lane.quotaError(closedForMs) : this.#tooLongError(now));
    }
  }

  #tooLongError(now: number): TokenError {
    return this.lane.tooLongError(this.#queue.size - 1, this.#nextTurnAt - now);
  }

  /** Ends sooner after a change. Its timer does not keep the process alive: those of the waiting callers do. */
  async #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = () => {
      // Not after the await below: a caller may come before that goes on.
      this.#nextTurnAt = Number.NEGATIVE_INFINITY;
      resolve();
    };
    const timer = this.#clock.setTimer(this.#wake, ms);
    await promise;
    timer.cancel();
    this.#wake = ignore;
  }
}

/** A quota's end is waited for only by callers that know how long they may wait. */
function waitsUntil({ givesUpAt }: Waiter, moment: number): boolean {
  return givesUpAt !== undefined && givesUpAt >= moment;
}

function ignore(): void {}
