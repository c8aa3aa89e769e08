import { setImmediate } from "node:timers/promises";
import fc from "fast-check";
import { expect } from "vitest";
import type { RenewalPolicy } from "../contract/renewal-policy.ts";
import { TokenError, type TokenErrorCode, type TokenErrorInit } from "../contract/token-error.ts";
import type { TokenEvent } from "../contract/token-events.ts";
import type { IssueContext, IssuedToken, TokenSource } from "../contract/token-source.ts";
import { ManualClock } from "../testing/index.ts";
import { instant } from "../time/clock.ts";
import { TokenCache } from "./token-cache.ts";

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** Ten minutes before an hour's token ends, it is renewed, with no spread. A minute before, it is not used any more. */
export const STEADY_POLICY: RenewalPolicy = { softWindow: { ms: 10 * MINUTE }, hardWindow: { ms: MINUTE }, jitter: 0 };

const anySpan = fc.oneof(
  fc.record({ ms: fc.double({ min: 0, max: 1e13, noNaN: true }) }),
  fc.record({ share: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }) }),
);

/** Every policy that is accepted, sensible or not. */
export const anyPolicy: fc.Arbitrary<RenewalPolicy> = fc.record(
  {
    softWindow: anySpan,
    hardWindow: anySpan,
    reissueWindow: anySpan,
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
    extendsSameToken: fc.boolean(),
  },
  { requiredKeys: ["softWindow", "hardWindow"] },
);

/** What a token endpoint does with the `nth` request, counted from 1. */
type Answer = (nth: number, context: IssueContext) => Partial<IssuedToken> | Promise<Partial<IssuedToken>>;

/** A source whose answers the test decides: hour-long tokens `token-1`, `token-2`, … unless told otherwise. */
export class TestTokenSource implements TokenSource {
  readonly provider = "test-provider";
  readonly origin: string;
  readonly key: string;
  readonly policy: RenewalPolicy;
  /** Token requests so far. */
  issues = 0;
  answer: Answer;

  constructor(init: { key?: string; origin?: string; policy?: RenewalPolicy; answer?: Answer } = {}) {
    this.key = init.key ?? "test-provider:https://auth.test:0123";
    this.origin = init.origin ?? "https://auth.test";
    this.policy = init.policy ?? STEADY_POLICY;
    this.answer = init.answer ?? (() => ({}));
  }

  async issue(context: IssueContext): Promise<IssuedToken> {
    const nth = ++this.issues;
    const sentAt = instant(context.clock);
    return { value: `token-${nth}`, lifetimeMs: HOUR, sentAt, ...(await this.answer(nth, context)) };
  }
}

/** An answer that waits until the test lets it go. */
export function heldAnswer(): {
  answer: Answer;
  release(issued?: Partial<IssuedToken>): void;
  fail(error: Error): void;
} {
  const { promise, resolve, reject } = Promise.withResolvers<Partial<IssuedToken>>();
  return { answer: () => promise, release: (issued = {}) => resolve(issued), fail: reject };
}

/** An answer that never comes, and ignores the signal. */
export const NEVER: Answer = () => new Promise(() => {});

/** An answer that is always this error. */
export function failing(code: TokenErrorCode, init: Partial<TokenErrorInit> = {}): Answer {
  return () => {
    throw new TokenError(code, { message: `The test's ${code}.`, provider: "test-provider", ...init });
  };
}

/** Lets all pending promise callbacks run. */
export async function settle(): Promise<void> {
  await setImmediate();
}

/** Lets virtual time pass in steps. What a step causes happens before the next one. */
export async function pass(clock: ManualClock, ms: number, stepMs: number = Math.max(ms / 100, 1)): Promise<void> {
  await settle();
  for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
    clock.advance(Math.min(stepMs, leftMs));
    await settle();
  }
}

/** The TokenError that a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<TokenError> {
  const thrown = await promise.then(
    () => expect.unreachable("The promise was expected to reject."),
    (error: unknown) => error,
  );
  if (!TokenError.is(thrown)) throw thrown;
  return thrown;
}

/** An observer, and what it saw. */
export function recorder() {
  const events: TokenEvent[] = [];
  return {
    events,
    observer: (event: TokenEvent) => void events.push(event),
    types: () => events.map((event) => event.type),
    ofType<T extends TokenEvent["type"]>(type: T) {
      return events.filter((event): event is Extract<TokenEvent, { type: T }> => event.type === type);
    },
  };
}

/** A cache that holds an hour's token of this age. */
export async function agedCache(ageMs: number, answer: TestTokenSource["answer"] = () => ({}), policy = STEADY_POLICY) {
  const clock = new ManualClock();
  const seen = recorder();
  const cache = new TokenCache({ clock, observer: seen.observer });
  const source = new TestTokenSource({ policy });
  const token = await cache.getToken(source);
  source.answer = answer;
  clock.advance(ageMs);
  return { clock, cache, source, token, seen, get: () => cache.getToken(source) };
}
