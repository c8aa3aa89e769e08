import { type ApiAnswer, apiAnswer } from "../contract/api-answer.ts";
import type { CallPacer, LaneOwner, PacedCall, PacingOptions, RateRefusal } from "../contract/rate-limits.ts";
import { TokenError } from "../contract/token-error.ts";
import type { Lane } from "./lane.ts";
import type { Lanes } from "./lanes.ts";
import type { Turn } from "./turn-supply.ts";

/** Lets calls take turns in a cache's lanes. */
export class PacedCalls implements CallPacer {
  readonly #lanes: Lanes;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
  }

  async send(owner: LaneOwner, options: PacingOptions, call: PacedCall, send: () => Promise<Response>) {
    const lane = this.#lanes.lane(owner, owner.rules.laneOf(call));
    let leftMs = options.maxWaitMs;
    let turn = lane.takeDue();
    if (turn === undefined) ({ turn, leftMs } = await this.#wait(owner, lane, call, leftMs, false));
    for (;;) {
      const { response, refusal, pauseMs } = await this.#sendOnce(owner, lane, turn, call, send);
      if (refusal === undefined || pauseMs > leftMs || !mayResend(options, call, refusal)) return response;
      try {
        ({ turn, leftMs } = await this.#wait(owner, lane, call, leftMs, true));
      } catch (error) {
        // The refusal is the answer where there was no turn in time.
        if (TokenError.is(error) && error.code === "rate_limited") return response;
        cancelBody(response);
        throw error;
      }
      cancelBody(response);
    }
  }

  async #wait(
    { provider }: LaneOwner,
    lane: Lane,
    { identity, signal }: PacedCall,
    maxWaitMs: number,
    isFirst: boolean,
  ) {
    const { clock } = this.#lanes;
    const from = clock.monotonic();
    const turn = await lane.wait({ identity, signal, maxWaitMs, isFirst });
    const waitedMs = clock.monotonic() - from;
    this.#lanes.observe({ type: "call_waited", provider, lane: lane.rule.name, waitedMs, waiting: lane.waiting });
    return { turn, leftMs: Math.max(0, maxWaitMs - waitedMs) };
  }

  /** Sends the call once and learns from its answer. */
  async #sendOnce(owner: LaneOwner, lane: Lane, turn: Turn, { method }: PacedCall, send: () => Promise<Response>) {
    const sentAt = this.#lanes.clock.monotonic();
    try {
      const response = await send();
      const answer = apiAnswer(response, method, this.#lanes.clock);
      const judged = owner.rules.refusal(answer);
      const refusal = judged instanceof Promise ? await judged : judged;
      const pauseMs = this.#learn(owner, lane, turn, sentAt, answer, refusal);
      return { response, refusal, pauseMs };
    } finally {
      lane.done();
    }
  }

  /** How long the lane pauses since the call was refused, in ms. */
  #learn(
    { provider, rules }: LaneOwner,
    lane: Lane,
    turn: Turn,
    sentAt: number,
    answer: ApiAnswer,
    refusal: RateRefusal | undefined,
  ): number {
    const read = rules.read?.(answer, this.#lanes.clock.wall());
    const closedForMs = refusal?.closedForMs ?? read?.closedForMs;
    const reading = { ...read, closedForMs };
    if (refusal === undefined) lane.accepted();
    if (lane.learn(turn, sentAt, reading) && lane.knowledge.limit !== undefined) {
      const { perSecond, burst } = lane.knowledge.limit;
      this.#lanes.observe({
        type: "limit_learnt",
        provider,
        lane: lane.rule.name,
        perSecond,
        burst,
        warning: reading.warning,
      });
    }
    // An exhausted quota says nothing about the rate.
    if (refusal === undefined || closedForMs !== undefined) return 0;
    const pauseMs = lane.refused(refusal, reading);
    this.#lanes.observe({ type: "call_refused", provider, lane: lane.rule.name, status: answer.status, pauseMs });
    return pauseMs;
  }
}

function mayResend(options: PacingOptions, { method, canResend }: PacedCall, { isUnprocessed }: RateRefusal): boolean {
  return canResend && (isUnprocessed || options.resendAnyMethod || method === "GET" || method === "HEAD");
}

function cancelBody(response: Response): void {
  response.body?.cancel().catch(() => {});
}
