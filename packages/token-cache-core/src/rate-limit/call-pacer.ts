import { apiAnswer } from "../contract/api-answer.ts";
import type { CallPacer, PacedCall, RateRefusal } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import type { Turn } from "./bucket.ts";
import type { Lanes } from "./lanes.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** A turn, and when it came. */
interface TurnTaken {
  readonly turn: Turn;
  readonly at: number;
}

/** Sends API calls in a cache's lanes. */
export class LaneCallPacer implements CallPacer {
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  send(call: PacedCall): Promise<Response> {
    const line = this.#lanes.lineOf(call.owner, call.owner.rules.laneOf(call));
    return line.lane.rule.oneAtATime ? this.#sendAlone(line, call) : this.#sendInTurn(line, call);
  }

  async #sendInTurn(line: WaitingLine, call: PacedCall): Promise<Response> {
    const { clock } = this.#lanes;
    const { owner, budget } = call;
    let at = clock.monotonic();
    let turn = line.takeDue(at);
    if (turn === undefined) ({ turn, at } = await this.#wait(line, call, false));
    for (let isResend = false; ; isResend = true) {
      const response = await call.send();
      const answer = apiAnswer(response, call.method, clock);
      const judged = owner.rules.refusal(answer, clock.wall());
      const refusal = judged instanceof Promise ? await judged : judged;
      // Else a gateway that refuses slowly, and names no pause, would keep the call for ever.
      if (isResend) spend(call, clock.monotonic() - at);
      const pauseMs = this.#lanes.learn(owner, line, turn, at, answer, refusal);
      if (refusal === undefined || pauseMs > budget.leftMs || !mayResend(call, refusal)) return response;
      try {
        ({ turn, at } = await this.#wait(line, call, true));
      } catch (error) {
        // Without a turn in time, the refusal is the answer.
        if (TokenError.is(error) && error.code === "rate_limited") return response;
        cancelBody(response);
        throw error;
      }
      cancelBody(response);
    }
  }

  /** The calls of one identity do not overlap, also between processes. */
  async #sendAlone(line: WaitingLine, call: PacedCall): Promise<Response> {
    const { clock, leases } = this.#lanes;
    const limit = new AbortController();
    const timer = clock.setTimer(() => limit.abort(line.lane.tooLongError(line.size, 0)), call.budget.leftMs);
    const signal = call.signal === undefined ? limit.signal : AbortSignal.any([call.signal, limit.signal]);
    const from = clock.monotonic();
    const key = `${call.owner.group} ${line.lane.rule.name} ${call.identity}`;
    const lease = await leases.hold(key, signal).finally(() => timer.cancel());
    spend(call, clock.monotonic() - from);
    try {
      return await this.#sendInTurn(line, call);
    } finally {
      lease.end();
    }
  }

  async #wait(line: WaitingLine, call: PacedCall, isFirst: boolean): Promise<TurnTaken> {
    this.#lanes.throwIfEnded();
    const { clock } = this.#lanes;
    const { identity, signal, budget } = call;
    const from = clock.monotonic();
    const turn = await line.wait({ identity, signal, maxWaitMs: budget.leftMs, isFirst });
    const at = clock.monotonic();
    const waitedMs = at - from;
    spend(call, waitedMs);
    const { provider } = call.owner;
    this.#lanes.observe({ type: "call_waited", provider, lane: line.lane.rule.name, waitedMs, waiting: line.size });
    return { turn, at };
  }
}

function spend({ budget }: PacedCall, waitedMs: number): void {
  budget.leftMs = Math.max(0, budget.leftMs - waitedMs);
}

function mayResend({ method, canResend, resendAnyMethod }: PacedCall, { isUnprocessed }: RateRefusal): boolean {
  return canResend && (isUnprocessed || resendAnyMethod || method === "GET" || method === "HEAD");
}

function cancelBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}
