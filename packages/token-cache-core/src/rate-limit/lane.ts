import { abortable } from "../abortable.ts";
import type { LaneRule, LimitReading, RateRefusal } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import { backoffMs } from "../time/backoff.ts";
import type { Clock } from "../time/clock.ts";
import { FairQueue } from "./fair-queue.ts";
import type { LaneGroup } from "./lane-group.ts";
import type { LaneKnowledge } from "./lane-knowledge.ts";
import { delayByRemaining } from "./lane-limit.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import type { Turn, TurnSupply } from "./turn-supply.ts";

/** How a caller waits for a turn. */
export interface TurnOptions {
  /** Whose call it is: turns are fair between identities. */
  readonly identity: string;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** How long the caller waits at most, in ms. */
  readonly maxWaitMs: number;
  /** Before the identity's other calls, since it had its turn already. */
  readonly isFirst?: boolean | undefined;
}

/** What a {@link Lane} is made from. */
export interface LaneInit {
  readonly rule: LaneRule;
  readonly knowledge: LaneKnowledge;
  readonly group: LaneGroup;
  readonly supply: TurnSupply;
  readonly door: OneAtATime | undefined;
  readonly clock: Clock;
  /** Whether callers wait in one queue. On Workers, no request may wait for what another one does. */
  readonly sharedQueues: boolean;
}

interface Waiter {
  readonly deadline: number;
  readonly resolve: (turn: Turn) => void;
  readonly reject: (reason: unknown) => void;
}

/** The pause after a refusal that names none. */
const REFUSAL_BACKOFF = { baseMs: 500, capMs: 10_000 };

/** In a lane without a known limit. */
const UNCOUNTED: Turn = { number: undefined, isProbe: false };

/** What the provider counts together: calls take turns here before they go out. */
export class Lane {
  readonly rule: LaneRule;
  readonly knowledge: LaneKnowledge;
  readonly #group: LaneGroup;
  readonly #supply: TurnSupply;
  /** For a lane of width one. */
  readonly #door: OneAtATime | undefined;
  readonly #clock: Clock;
  readonly #sharedQueues: boolean;
  readonly #queue = new FairQueue<Waiter>();
  #refusalsInARow = 0;
  /** For a lane without a limit. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #isServing = false;
  #wake: () => void = ignore;

  constructor({ rule, knowledge, group, supply, door, clock, sharedQueues }: LaneInit) {
    this.rule = rule;
    this.knowledge = knowledge;
    this.#group = group;
    this.#supply = supply;
    this.#door = door;
    this.#clock = clock;
    this.#sharedQueues = sharedQueues;
  }

  /** How many callers wait. */
  get waiting(): number {
    return this.#queue.size;
  }

  /** A turn without waiting, where there is room and nobody waits. */
  takeDue(): Turn | undefined {
    if (this.#queue.size > 0 || this.#door !== undefined) return undefined;
    return this.#takeDue(this.#clock.monotonic());
  }

  /**
   * Waits for a turn.
   *
   * @throws TokenError `rate_limited` after `maxWaitMs`; `quota_exhausted` at once where the lane stays closed for longer;
   *   or the signal's reason
   */
  wait(options: TurnOptions): Promise<Turn> {
    return this.#sharedQueues ? this.#waitInLine(options) : this.#waitAlone(options);
  }

  #waitInLine({ identity, signal, maxWaitMs, isFirst }: TurnOptions): Promise<Turn> {
    return new Promise<Turn>((resolve, reject) => {
      signal?.throwIfAborted();
      const now = this.#clock.monotonic();
      const deadline = now + maxWaitMs;
      const closedForMs = this.#group.closedForMs(now);
      if (closedForMs > maxWaitMs) throw quotaError(this.#group, closedForMs);

      const leave = () => {
        timer.cancel();
        signal?.removeEventListener("abort", onAbort);
        this.#queue.remove(identity, waiter);
      };
      const waiter: Waiter = {
        deadline,
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
      const timer = this.#clock.setTimer(() => waiter.reject(this.#tooLongError(maxWaitMs)), maxWaitMs);
      timer.keepAlive();
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#queue.add(identity, waiter, isFirst);
      this.#serve();
    });
  }

  /** Learns from an answer to a call that was sent at that moment. Whether it changed what is known of the limit. */
  learn(turn: Turn, sentAt: number, reading: LimitReading): boolean {
    const now = this.#clock.monotonic();
    const isNews = this.knowledge.learn(reading, now);
    const pace = this.knowledge.pace(now);
    if (reading.remaining !== undefined && pace !== undefined) {
      this.#supply.putOff(delayByRemaining(pace, reading.remaining, turn.number, now - sentAt), pace, now);
    }
    if (reading.closedForMs !== undefined) this.#close(reading.closedForMs, now);
    else if (turn.isProbe) this.#close(0, now);
    if (isNews) this.#wake();
    return isNews;
  }

  /** A call that had a turn is over, whatever came of it. */
  done(): void {
    this.#door?.leave();
  }

  /** The provider took the call. */
  accepted(): void {
    this.#refusalsInARow = 0;
  }

  /** The provider refused a call for its rate: the lane pauses, and slows down where no header tells why. In ms. */
  refused(refusal: RateRefusal, reading: LimitReading | undefined): number {
    const now = this.#clock.monotonic();
    const isForeseeable = reading?.remaining !== undefined && reading.remaining < 1;
    this.#refusalsInARow++;
    if (isForeseeable) this.knowledge.contended(now);
    else this.knowledge.slowDown(now);
    const pace = this.knowledge.pace(now);
    const ownPauseMs = isForeseeable ? (pace?.intervalMs ?? 0) : backoffMs(this.#refusalsInARow, REFUSAL_BACKOFF);
    const pauseMs = refusal.retryAfterMs ?? ownPauseMs;
    if (pace === undefined) this.#pausedUntil = now + pauseMs;
    else this.#supply.putOff({ delayMs: pauseMs }, pace, now);
    return pauseMs;
  }

  /** Ends all waits. */
  end(reason: TokenError): void {
    for (const [, waiter] of [...this.#queue]) waiter.reject(reason);
  }

  /** The group was closed or opened: who cannot wait for so long, hears of it at once. */
  groupChanged(): void {
    const now = this.#clock.monotonic();
    const closedForMs = this.#group.closedForMs(now);
    if (closedForMs > 0) {
      for (const [, waiter] of [...this.#queue]) {
        if (waiter.deadline < now + closedForMs) waiter.reject(quotaError(this.#group, closedForMs));
      }
    }
    this.#wake();
  }

  #close(forMs: number, now: number): void {
    this.#supply.close(forMs, now);
    this.#group.setClosed(forMs, now);
  }

  #takeDue(now: number): Turn | undefined {
    if (this.#group.closedForMs(now) > 0) return undefined;
    const pace = this.knowledge.pace(now);
    if (pace === undefined) return now < this.#pausedUntil ? undefined : UNCOUNTED;
    return this.#supply.takeDue(pace, now);
  }

  /** Waits without a queue: neither fair nor in order, but by timers of this caller alone. */
  async #waitAlone({ signal, maxWaitMs }: TurnOptions): Promise<Turn> {
    const deadline = this.#clock.monotonic() + maxWaitMs;
    for (;;) {
      signal?.throwIfAborted();
      const now = this.#clock.monotonic();
      const turn = this.#takeDue(now);
      if (turn !== undefined) return turn;
      const closedForMs = this.#group.closedForMs(now);
      if (now + closedForMs > deadline) throw quotaError(this.#group, closedForMs);
      const waitMs = await this.#untilDue(1, now);
      if (now + waitMs > deadline) throw this.#tooLongError(maxWaitMs);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = this.#clock.setTimer(resolve, waitMs);
      await abortable(promise, signal).finally(() => timer.cancel());
    }
  }

  /** How long to wait before a turn may be due, in ms. */
  #untilDue(wanted: number, now: number): number | Promise<number> {
    const closedForMs = this.#group.closedForMs(now);
    const pace = this.knowledge.pace(now);
    if (closedForMs > 0) return closedForMs;
    return pace === undefined ? this.#pausedUntil - now : this.#supply.refill(pace, wanted, now);
  }

  /** Hands turns out as long as somebody waits. Who gets a turn is decided when it is due, not when it is asked for. */
  async #serve(): Promise<void> {
    if (this.#isServing) return;
    this.#isServing = true;
    while (this.#queue.size > 0) {
      if (this.#door === undefined) await this.#serveNext();
      else await this.#serveAlone(this.#door);
    }
    this.#isServing = false;
  }

  /** Hands the next turn out, or waits for a while. */
  async #serveNext(): Promise<Waiter | undefined> {
    const now = this.#clock.monotonic();
    const turn = this.#takeDue(now);
    if (turn !== undefined) {
      const waiter = this.#queue.next();
      waiter?.resolve(turn);
      return waiter;
    }
    await this.#sleep(await this.#untilDue(this.#queue.size, now));
    return undefined;
  }

  async #serveAlone(door: OneAtATime): Promise<void> {
    const waitMs = await door.enter();
    if (waitMs > 0) return this.#sleep(waitMs);
    let served: Waiter | undefined;
    while (served === undefined && this.#queue.size > 0) served = await this.#serveNext();
    if (served === undefined) door.leave();
  }

  /** Ends sooner when the group is closed or opened. The callers who wait keep the process alive, this does not. */
  async #sleep(ms: number): Promise<void> {
    if (!(ms > 0)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.setTimer(resolve, ms);
    this.#wake = resolve;
    await promise;
    timer.cancel();
    this.#wake = ignore;
  }

  #tooLongError(maxWaitMs: number): TokenError {
    const { provider } = this.#group;
    const message =
      `The call waited ${maxWaitMs} ms for its turn and was not sent: ${this.#queue.size} other calls wait for the ` +
      `limit of ${this.rule.name}. Send fewer calls, or raise rateLimit.maxWaitMs.`;
    const waitMs = Math.ceil(this.#queue.size * (this.knowledge.pace(this.#clock.monotonic())?.intervalMs ?? 0));
    return new TokenError("rate_limited", { message, provider, retryAfterMs: waitMs });
  }
}

function quotaError({ provider, quotaMessage }: LaneGroup, closedForMs: number): TokenError {
  const retryAfterMs = Math.ceil(closedForMs);
  return new TokenError("quota_exhausted", { message: quotaMessage, provider, retryAfterMs });
}

function ignore(): void {}
