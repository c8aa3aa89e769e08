import { apiAnswer } from "../contract/api-answer.ts";
import type { CallPacer, LaneOwner, PacedCall, PacingOptions, RateRefusal } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import type { Lanes } from "./lanes.ts";
import type { Turn } from "./quota-gate.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** Sends API calls in a cache's lanes. */
export class LaneCallPacer implements CallPacer {
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  send(owner: LaneOwner, options: PacingOptions, call: PacedCall, send: () => Promise<Response>): Promise<Response> {
    const line = this.#lanes.laneOf(owner, owner.rules.laneOf(call));
    return line.lane.rule.oneAtATime
      ? this.#sendAlone(line, owner, options, call, send)
      : this.#sendInTurn(line, owner, options, call, send);
  }

  async #sendInTurn(
    line: WaitingLine,
    owner: LaneOwner,
    options: PacingOptions,
    call: PacedCall,
    send: () => Promise<Response>,
  ): Promise<Response> {
    const { clock } = this.#lanes;
    let leftMs = options.maxWaitMs;
    let sentAt = clock.monotonic();
    let turn = line.takeDue(sentAt);
    if (turn === undefined) ({ turn, leftMs, sentAt } = await this.#wait(line, owner, call, leftMs, false));
    for (;;) {
      const response = await send();
      const answer = apiAnswer(response, call.method, clock);
      const judged = owner.rules.refusal(answer);
      const refusal = judged instanceof Promise ? await judged : judged;
      const pauseMs = this.#lanes.learn(owner, line, turn, sentAt, answer, refusal);
      if (refusal === undefined || pauseMs > leftMs || !mayResend(options, call, refusal)) return response;
      try {
        ({ turn, leftMs, sentAt } = await this.#wait(line, owner, call, leftMs, true));
      } catch (error) {
        // The refusal is the answer where there was no turn in time.
        if (TokenError.is(error) && error.code === "rate_limited") return response;
        cancelBody(response);
        throw error;
      }
      cancelBody(response);
    }
  }

  /** The calls of one identity do not overlap, also between processes. */
  async #sendAlone(
    line: WaitingLine,
    owner: LaneOwner,
    options: PacingOptions,
    call: PacedCall,
    send: () => Promise<Response>,
  ): Promise<Response> {
    const { clock, leases } = this.#lanes;
    const { maxWaitMs } = options;
    const limit = new AbortController();
    const timer = clock.setTimer(() => limit.abort(line.lane.tooLongError(maxWaitMs, line.size)), maxWaitMs);
    const signal = call.signal === undefined ? limit.signal : AbortSignal.any([call.signal, limit.signal]);
    const from = clock.monotonic();
    const key = `${owner.group} ${line.lane.rule.name} ${call.identity}`;
    const lease = await leases.hold(key, signal).finally(() => timer.cancel());
    try {
      const leftMs = Math.max(0, maxWaitMs - (clock.monotonic() - from));
      return await this.#sendInTurn(line, owner, { ...options, maxWaitMs: leftMs }, call, send);
    } finally {
      lease.end();
    }
  }

  async #wait(
    line: WaitingLine,
    { provider }: LaneOwner,
    { identity, signal }: PacedCall,
    maxWaitMs: number,
    isFirst: boolean,
  ): Promise<{ turn: Turn; leftMs: number; sentAt: number }> {
    this.#lanes.throwIfEnded();
    const { clock } = this.#lanes;
    const from = clock.monotonic();
    const turn = await line.wait({ identity, signal, maxWaitMs, isFirst });
    const sentAt = clock.monotonic();
    const waitedMs = sentAt - from;
    this.#lanes.observe({ type: "call_waited", provider, lane: line.lane.rule.name, waitedMs, waiting: line.size });
    return { turn, leftMs: Math.max(0, maxWaitMs - waitedMs), sentAt };
  }
}

function mayResend(options: PacingOptions, { method, canResend }: PacedCall, { isUnprocessed }: RateRefusal): boolean {
  return canResend && (isUnprocessed || options.resendAnyMethod || method === "GET" || method === "HEAD");
}

function cancelBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}
