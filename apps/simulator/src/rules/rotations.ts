import { TokenError } from "@x/token-cache-core";
import type { Plan } from "../plan.ts";
import { isAccepted, type Rotation, seenSecret } from "../rotation.ts";
import type { Of, ProcessView } from "../told.ts";
import { Lazy, type RuleOfTheBook } from "./rule.ts";

/** Nothing fails but the old secret, and every process lives to the end. */
const isCalm = ({ faults, actions }: Plan) =>
  faults.length === 0 && actions.every(({ what }) => what !== "crash" && what !== "close" && what !== "deploy");
const nameOf = ({ process, identity }: Of) => `${process.name}/${identity}`;

/** A flight waits for another process, and then sends its requests. */
const LONGEST_FLIGHT_MS = 30_000;

export const oldSecrets: RuleOfTheBook = {
  name: "old secret",
  statement:
    `${LONGEST_FLIGHT_MS / 1_000} s after a function returned the new secret to a process, it sends no token request with ` +
    "the old one. Where nothing else fails, a process that shares flights sends at most one request for each identity with " +
    "the old secret after the provider refuses it and its function returns the new one, and one more for each of its callers " +
    "that went away meanwhile.",
  allows:
    "Any clock behaviour; time is counted while the machine is awake. Of two calls of the function that are under way at " +
    "once, nobody knows which one reads the secret later: the one that began later counts.",
  watch({ plan, world }, broken) {
    const { rotation } = plan;
    if (rotation === undefined) return {};
    /** When the new secret was here, by the process's monotonic clock. */
    const knownAt = new Map<string, number>();
    /** When the latest call of the function began that has returned a secret. */
    const latestCall = new Lazy<string, number>(() => 0);
    const refused = new Lazy<string, number>(() => 0);
    const aborted = new Lazy<string, number>(() => 0);
    return {
      aborted: (call) => void aborted.set(nameOf(call), aborted.of(nameOf(call)) + 1),
      fetched({ process, identity, secret, calledAt }) {
        const of = nameOf({ process, identity });
        if (secret === undefined || calledAt < latestCall.of(of)) return;
        latestCall.set(of, calledAt);
        if (secret === "old") knownAt.delete(of);
        else if (!knownAt.has(of) && calledAt > 0) knownAt.set(of, process.machine.monotonic());
      },
      asked({ process, identity, secret }) {
        if (secret === "new") return;
        const of = nameOf({ process, identity });
        const lateMs = process.machine.monotonic() - (knownAt.get(of) ?? Number.POSITIVE_INFINITY);
        if (lateMs > LONGEST_FLIGHT_MS) broken(`${of} still uses the old secret, ${Math.round(lateMs)} ms later`);
        const isOver = !isAccepted(rotation, "old", world.now);
        if (!isCalm(plan) || !process.version.sharedFlights || !isOver) return;
        if (seenSecret(rotation, process.index, world.now) === "old") return;
        const count = refused.of(of) + 1;
        refused.set(of, count);
        if (count > 1 + aborted.of(of)) broken(`${of} sends ${count} requests with the old secret after its end`);
      },
    };
  },
};

/** A function that returned a refused secret is called again within five seconds. */
const FETCHED_AGAIN_MS = 5_000;
/** A refusal of the credentials is remembered for so long at most. */
const REMEMBERED_MS = 60_000;

export const rotatedCalls: RuleOfTheBook = {
  name: "rotation",
  statement:
    "Where nothing else fails, a call fails only where the provider refused the secret that the function of its process " +
    `returned: at some moment of the call, or of the ${FETCHED_AGAIN_MS / 1_000} s before and the time that the function ` +
    `takes. Where the provider accepts the new secret later than a function returns it, it is ${REMEMBERED_MS / 1_000} s.`,
  allows: "Skew, and drift of 100 ppm.",
  watch({ plan, world }, broken) {
    const { rotation } = plan;
    if (rotation === undefined || !isCalm(plan)) return {};
    return {
      settled({ process, identity, number, kind, startedAt, outcome, signal }) {
        if (outcome === undefined || !("error" in outcome) || signal !== undefined) return;
        if (process.state !== "running" || (TokenError.is(outcome.error) && outcome.error.code === "token_refused"))
          return;
        const slackMs = 2 * rotation.answersWithinMs + 100;
        const graceMs = isNewRefused(rotation, process) ? REMEMBERED_MS : FETCHED_AGAIN_MS;
        if (wasRefused(rotation, process, startedAt - graceMs - slackMs, world.now)) return;
        broken(`${kind} call ${number} of ${process.name}/${identity} fails: ${outcome.error}`);
      },
    };
  },
};

/** Its function returns the new secret before the provider accepts it. */
function isNewRefused({ seenFrom, acceptedFrom }: Rotation, { index }: ProcessView): boolean {
  return (seenFrom[index] ?? 0) < acceptedFrom;
}

/** Whether the provider refused what the process's function returns, at some moment of a span. */
function wasRefused(rotation: Rotation, { index }: ProcessView, from: number, to: number): boolean {
  const { acceptedFrom, refusedFrom, seenFrom } = rotation;
  const moments = [from, to, ...[acceptedFrom, refusedFrom, seenFrom[index] ?? 0].flatMap((at) => [at - 1e-3, at])];
  return moments.some((at) => at >= from && at <= to && !isAccepted(rotation, seenSecret(rotation, index, at), at));
}

const WINDOW_MS = 10_000;
/** For each refusal, and between them each second at most. */
const MOST_FETCHES = 12;

export const fetchedCredentials: RuleOfTheBook = {
  name: "fetched credentials",
  statement:
    "Where flights are shared, a process never calls the function for one identity twice at a time. In any " +
    `${WINDOW_MS / 1_000} s it calls it at most ${MOST_FETCHES} times, and where nothing is refused and nothing fails, once in ` +
    "`credentialsTtlMs`.",
  allows: "A function that did not answer in time is called again. Steady clocks.",
  watch({ plan, world }, broken) {
    const { rotation } = plan;
    if (rotation === undefined || rotation.ttlMs === 0) return {};
    const running = new Map<string, number>();
    const calls = new Lazy<string, number[]>(() => []);
    const isPeace = isCalm(plan) && plan.machines.every((_, index) => !wasEverRefused(rotation, index));
    return {
      fetching(which) {
        const { process } = which;
        if (!process.version.sharedFlights) return;
        const of = nameOf(which);
        const sinceMs = process.machine.monotonic() - (running.get(of) ?? Number.NEGATIVE_INFINITY);
        // Five seconds are the time limit.
        if (sinceMs < 4_990) broken(`${of} fetches its credentials twice at a time`);
        running.set(of, process.machine.monotonic());
        const recent = calls.of(of).filter((at) => at > world.now - WINDOW_MS);
        calls.set(of, [...recent, world.now]);
        if (recent.length >= MOST_FETCHES) broken(`${of} fetches its credentials ${recent.length + 1} times`);
        const last = calls.of(of).at(-2);
        if (isPeace && last !== undefined && world.now - last < rotation.ttlMs * 0.999 - 5)
          broken(`${of} fetches its credentials ${Math.round(world.now - last)} ms after the last time`);
      },
      fetched: (which) => void running.delete(nameOf(which)),
    };
  },
};

function wasEverRefused({ acceptedFrom, refusedFrom, seenFrom, ttlMs, answersWithinMs }: Rotation, index: number) {
  const at = seenFrom[index] ?? 0;
  return at < acceptedFrom || at + ttlMs + answersWithinMs > refusedFrom;
}
