import type { Clock } from "../time/clock.ts";
import type { ApiAnswer } from "./api-answer.ts";

/** A call, as far as it matters for what the provider counts it by. */
export interface RateLimitedCall {
  /** In capitals. */
  readonly method: string;
  readonly url: URL;
}

/** How many calls a lane takes. */
export interface LaneLimit {
  /** Calls a second: above 0, fractions included. */
  readonly perSecond: number;
  /**
   * Calls that may come at once after a pause: the capacity of a token bucket. Leave it out if the provider does not
   * say how it counts. Then no window of one second holds more than {@link LaneLimit.perSecond} calls.
   */
  readonly burst?: number | undefined;
}

/** A lane: calls that a provider counts together. */
export interface LaneRule {
  /** Distinguishes the application's lanes, for instance `GET /v1/orders/{}`. Holds nothing secret. */
  readonly name: string;
  /** The documented limit. `undefined` if there is none: then only a refusal slows the lane down. */
  readonly limit: LaneLimit | undefined;
  /** The calls of one identity go one at a time, also between processes. Default false. */
  readonly oneAtATime?: boolean | undefined;
  /**
   * No document names the limit for this lane. It applies until the answer to an accepted call says nothing about a
   * limit, and again after a refusal. Default false.
   */
  readonly isAssumed?: boolean | undefined;
}

/** What an answer says about the limit of its lane. */
export interface LimitReading {
  readonly perSecond?: number | undefined;
  readonly burst?: number | undefined;
  /** How many calls may follow at once. */
  readonly remaining?: number | undefined;
  /** What the reading warns of, if it is a bad sign. It becomes part of the event `limit_learnt`. */
  readonly warning?: string | undefined;
  /** How long the application may not call at all, in ms: a quota of a longer period is used up. */
  readonly closedForMs?: number | undefined;
}

/** An answer that refuses a call for its rate. */
export interface RateRefusal {
  /** The provider says that it did not process the call, so that any method may be sent again. */
  readonly isUnprocessed: boolean;
  /** How long the provider asks to wait, in ms. */
  readonly retryAfterMs?: number | undefined;
  /** How long the application may not call at all, in ms: see {@link LimitReading.closedForMs}. */
  readonly closedForMs?: number | undefined;
}

/**
 * A provider's rate limits: what it counts calls by, and how its answers tell. Data, with a source in the provider's
 * documents for each rule.
 */
export interface RateLimitRules {
  /** The lane of a call. Calls that cannot be told apart share one. Called for each call, so it must be quick. */
  laneOf(call: RateLimitedCall): LaneRule;
  /** The lane of the token endpoint. Default: token requests are not counted. */
  readonly tokenRequests?: LaneRule | undefined;
  /**
   * Reads an answer's headers; `undefined` if they say nothing. Called for most answers, so it must be quick.
   *
   * @param clock tells the time for headers that name a moment
   */
  read?(answer: ApiAnswer, clock: Pick<Clock, "wall">): LimitReading | undefined;
  /**
   * Whether the provider refuses the call for its rate. Called for each answer, so it must be quick for most.
   *
   * @param clock tells the time for headers that name a moment
   */
  refusal(answer: ApiAnswer, clock: Pick<Clock, "wall">): RateRefusal | undefined | Promise<RateRefusal | undefined>;
  /** What an exhausted quota means and what to do about it: the message of the error `quota_exhausted`. */
  readonly quotaMessage?: string | undefined;
}

/** How calls wait for their turn. */
export interface PacingOptions {
  /** How long a call waits at most, in ms, all its turns together. It fails at once if its turn is known to come later. */
  readonly maxWaitMs: number;
  /**
   * Sends a refused call of any method again, though the provider may have processed it. By default only `GET` and
   * `HEAD` are sent again: an order must never be placed twice.
   */
  readonly resendAnyMethod: boolean;
}

/** An application, whose calls the provider counts together. */
export interface LaneOwner {
  readonly provider: string;
  /** Identifies the application. Holds nothing secret. */
  readonly group: string;
  readonly rules: RateLimitRules;
}

/** How long a call may wait, all its requests together: redirects, and the same request with another token. */
export interface WaitBudget {
  /** What is left, in ms: at first {@link PacingOptions.maxWaitMs}. */
  leftMs: number;
}

/** One request that takes its turn. */
export interface PacedCall extends RateLimitedCall {
  /** The application that the call counts for. */
  readonly owner: LaneOwner;
  /** Whose call it is: turns are fair between identities. */
  readonly identity: string;
  /** Whether the body, if any, is still there after it was sent. */
  readonly canResend: boolean;
  /** See {@link PacingOptions.resendAnyMethod}. */
  readonly resendAnyMethod: boolean;
  readonly signal: AbortSignal | undefined;
  readonly budget: WaitBudget;
  /**
   * Sends the request, and returns what `answered` makes of its answer: so the pacer adds no promise of its own to each
   * call. Called again after a refusal.
   */
  send(answered: (response: Response) => Response | Promise<Response>): Promise<Response>;
}

/** Sends calls by the providers' limits. */
export interface CallPacer {
  /**
   * Sends a request when its turn comes. Sends it again if it was refused for its rate and may be sent again.
   *
   * @returns the answer; a refusal if the request may not be sent again, or not in time
   * @throws TokenError `rate_limited` if no turn came in time, so that this request was not sent; `quota_exhausted` while
   *   the application's lanes are closed; or the signal's reason
   */
  send(call: PacedCall): Promise<Response>;
}
