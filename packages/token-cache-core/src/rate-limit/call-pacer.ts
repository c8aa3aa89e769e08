import { apiAnswer } from "../contract/api-answer.ts";
import type { CallPacer, PacedCall, RateRefusal } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import type { Turn } from "./bucket.ts";
import type { Lanes } from "./lanes.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** A call that has its turn. */
interface DueCall {
  readonly line: WaitingLine;
  readonly call: PacedCall;
  readonly turn: Turn;
  /** When the turn came. */
  readonly at: number;
  /** Whether it was sent before, and refused. */
  readonly isResend: boolean;
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

  #sendInTurn(line: WaitingLine, call: PacedCall): Promise<Response> {
    const at = this.#lanes.clock.monotonic();
    const turn = line.takeDue(at);
    if (turn !== undefined) return this.#send({ line, call, turn, at, isResend: false });
    return this.#wait(line, call, false).then((due) => this.#send(due));
  }

  #send(due: DueCall): Promise<Response> {
    return due.call.send((response) => this.#answered(due, response));
  }

  #answered({ line, call, turn, at, isResend }: DueCall, response: Response): Response | Promise<Response> {
    const { clock } = this.#lanes;
    const { owner, budget } = call;
    const answer = apiAnswer(response, call.method, clock);
    const judged = (refusal: RateRefusal | undefined) => {
      // Else a gateway that refuses slowly, and names no pause, would keep the call for ever.
      if (isResend) spend(call, clock.monotonic() - at);
      const pauseMs = this.#lanes.learn(owner, line, turn, at, answer, refusal);
      if (refusal === undefined || pauseMs > budget.leftMs || !mayResend(call, refusal)) return response;
      return this.#sendAgain(line, call, response);
    };
    const refusal = owner.rules.refusal(answer, clock);
    return refusal instanceof Promise ? refusal.then(judged) : judged(refusal);
  }

  async #sendAgain(line: WaitingLine, call: PacedCall, refused: Response): Promise<Response> {
    let due: DueCall;
    try {
      due = await this.#wait(line, call, true);
    } catch (error) {
      // Without a turn in time, the refusal is the answer.
      if (TokenError.is(error) && error.code === "rate_limited") return refused;
      cancelBody(refused);
      throw error;
    }
    cancelBody(refused);
    return this.#send(due);
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

  async #wait(line: WaitingLine, call: PacedCall, isResend: boolean): Promise<DueCall> {
    this.#lanes.throwIfEnded();
    const { clock } = this.#lanes;
    const { identity, signal, budget } = call;
    const from = clock.monotonic();
    const turn = await line.wait({ identity, signal, maxWaitMs: budget.leftMs, isFirst: isResend });
    const at = clock.monotonic();
    const waitedMs = at - from;
    spend(call, waitedMs);
    const { provider } = call.owner;
    this.#lanes.observe({ type: "call_waited", provider, lane: line.lane.rule.name, waitedMs, waiting: line.size });
    return { line, call, turn, at, isResend };
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
