import { TokenError } from "@x/token-cache-core";
import { type Plan, settleMs } from "../plan.ts";
import type { Call, ProcessView } from "../told.ts";
import { Lazy, type RuleOfTheBook } from "./rule.ts";

/** Flight time limit, two thirds of it waiting for another process, and what the store takes. */
const FLIGHT_MS = 15_000 + 10_000 + 2_000;
/** A call may have to wait for a flight that set out before a refusal, and then for its own. */
const LONGEST_CALL_MS = 2 * FLIGHT_MS;

export const settlingCalls: RuleOfTheBook = {
  name: "calls settle",
  statement:
    `Every call of \`getToken\` settles within ${LONGEST_CALL_MS / 1_000} s. At the caller's abort it rejects at once, with ` +
    "the caller's reason. At `close()` it rejects at once with a TokenError `closed`, and so does any later call.",
  allows:
    "The time is counted by the process's monotonic clock, so that sleep does not count. Where token requests have a rate " +
    "limit, as much longer as the lane takes for one request of each identity and of each forced call.",
  watch({ plan, world }, broken) {
    const longestMs = LONGEST_CALL_MS + tokenLaneMs(plan);
    const open = new Set<Call>();
    /** Calls of a closed cache. */
    const late = new WeakSet<Call>();
    const aborting = new Set<Call>();
    const closing = new Set<ProcessView>();
    const isApi = ({ kind }: Call) => kind === "fetch";
    return {
      called(call) {
        if (isApi(call)) return;
        open.add(call);
        if (call.process.state !== "closed") return;
        closing.add(call.process);
        late.add(call);
      },
      aborted(call) {
        if (!isApi(call)) aborting.add(call);
      },
      closing: (process) => void closing.add(process),
      crashed(process) {
        for (const call of open) if (call.process === process) open.delete(call);
      },
      settled(call) {
        if (!open.delete(call)) return;
        aborting.delete(call);
        const tookMs = call.process.machine.monotonic() - call.startedMonotonic;
        if (tookMs > longestMs) broken(`call ${call.number} of ${call.process.name} took ${Math.round(tookMs)} ms`);
        // A call in the moment before `close()` may have had its answer already.
        const isBefore = call.order === world.happened && !late.has(call);
        if (call.process.state !== "closed" || call.outcome === undefined || isBefore) return;
        const isClosedError =
          "error" in call.outcome && TokenError.is(call.outcome.error) && call.outcome.error.code === "closed";
        if (!isClosedError && !call.signal?.aborted)
          broken(`${call.process.name} is closed, and answers call ${call.number}`);
      },
      settledDown() {
        for (const call of aborting) broken(`call ${call.number} of ${call.process.name} goes on after its abort`);
        aborting.clear();
        if (closing.size === 0) return;
        for (const call of open) {
          if (closing.has(call.process)) broken(`call ${call.number} of ${call.process.name} goes on after close()`);
        }
        closing.clear();
      },
      ended() {
        for (const call of open) {
          const sinceMs = call.process.machine.monotonic() - call.startedMonotonic;
          if (sinceMs > longestMs) broken(`call ${call.number} of ${call.process.name} never ends`);
        }
      },
    };
  },
};

/** How long the lane of token requests takes for all of them. It leaves a tenth of its limit unused. */
function tokenLaneMs({ limits, identities, actions }: Plan): number {
  if (limits?.tokens === undefined) return 0;
  const requests = identities + actions.filter(({ what }) => what === "force").length;
  return (requests * 1_000) / (0.9 * limits.tokens.perSecond * limits.documentedShare);
}

export const usableTokens: RuleOfTheBook = {
  name: "usable token",
  statement:
    "While `peek` finds a usable token, a plain call resolves with it at once, and never fails; so does a call that reports " +
    "another token as refused. While a token that a plain " +
    "call got is in the first half of its life, by its expiry and truly, was not dropped and had not to make room, and no " +
    "refusal or API call was under way, the next plain call gets one at once.",
  allows: "Any clock behaviour for the first sentence; steady clocks for the second. Processes that share flights.",
  watch({ world, plan, provider }, broken) {
    const got = new Lazy<ProcessView, Map<number, { at: number; until: number }>>(() => new Map());
    /** Calls that may drop a token at any moment. */
    const dropping = new Set<Call>();
    const mayDrop = (by: ProcessView, of: number) =>
      [...dropping].some(({ process, identity }) => process === by && identity === of);
    return {
      invalidated: ({ process, identity }) => void got.of(process).delete(identity),
      noticed({ process, change }) {
        if (change.refusedTokenId !== undefined) got.of(process).delete(process.identityOf(change.key));
      },
      observed({ process, event }) {
        // A refusal of an API call drops the token in the middle of the call.
        if (event.type === "evicted" || event.type === "refused") got.of(process).delete(process.identityOf(event.key));
      },
      called(call) {
        if (call.kind !== "refused" && call.kind !== "fetch") return;
        dropping.add(call);
        got.of(call.process).delete(call.identity);
      },
      settled(call) {
        dropping.delete(call);
        const { process, identity, kind, heldId, startedAt, outcome, number } = call;
        const isLateNews = kind === "refused" && call.refused !== heldId;
        if (!(kind === "plain" || isLateNews) || !process.version.sharedFlights || process.state !== "running") return;
        const isAtOnce = startedAt === world.now && outcome !== undefined && "token" in outcome;
        if (heldId !== undefined && !isAtOnce) {
          broken(`call ${number} of ${process.name} waits or fails, though ${heldId} is usable`);
        }
        if (kind !== "plain") return;
        const last = got.of(process).get(identity);
        const isKnown = last !== undefined && last.at <= startedAt && startedAt < last.until;
        if (isKnown && !isAtOnce && process.machine.isSteady) {
          broken(`call ${number} of ${process.name} waits or fails in the first half of its token's life`);
        }
        if (outcome === undefined || !("token" in outcome) || process.peek(identity)?.id !== outcome.token.id) return;
        if (mayDrop(process, identity)) return;
        const leftMs = outcome.token.expiresAt - process.machine.wall();
        // A provider may name the full lifetime of a token half gone. The process may learn of the right end later.
        const endsAt = Math.min(world.now + leftMs, provider.token(outcome.token.id)?.endsAt ?? 0);
        got.of(process).set(identity, { at: world.now, until: endsAt - (plan.regime.lifetimeS * 1_000) / 2 });
      },
    };
  },
};

export const recovery: RuleOfTheBook = {
  name: "recovery",
  statement:
    "After all faults end, and 150 s and the longest `Retry-After` more, every plain call gets a token that is truly alive. " +
    "From then on plain calls of a caller that comes in every soft window never wait, unless the provider sends the same token until it ends.",
  allows:
    "Skew, drift of 100 ppm and steps in the past. Waiting: processes that share flights and hold all identities in memory, " +
    "and whose clocks are steady. Where the provider sends the same token again, no process that shares the store was " +
    "stepped or slept: it may believe an end that is too early, and all that share the store believe it with it.",
  watch({ plan, world, provider }, broken) {
    let isSteady = true;
    const wellFrom = plan.quietFrom + settleMs(plan.faults);
    const { regime, versions } = plan;
    const endsInWait =
      regime.extensions === 1 || (regime.sameWhileS !== null && regime.policy.reissueWindow === undefined);
    /** When a caller got a token for the first time since. */
    const servedAt = new Map<string, number>();
    return {
      confused() {
        isSteady &&= plan.store === undefined || regime.sameWhileS === null;
      },
      settled({ process, identity, kind, signal, startedAt, outcome, number }) {
        if (kind !== "plain" || signal !== undefined || process.state !== "running") return;
        if (startedAt < wellFrom || outcome === undefined) return;
        if ("error" in outcome) return broken(`call ${number} of ${process.name} fails: ${outcome.error}`);
        const of = `${process.name}/${identity}`;
        const isFirst = !(startedAt > (servedAt.get(of) ?? Number.POSITIVE_INFINITY));
        if (!servedAt.has(of)) servedAt.set(of, world.now);
        if (!process.version.sharedFlights || plan.identities > versions[0].maxIdentities || endsInWait) return;
        if (!isSteady || !process.machine.isSteady) return;
        // Shorter lives end between two calls.
        if (!isFirst && startedAt < world.now && regime.lifetimeS >= 600) {
          broken(`call ${number} of ${process.name} waits ${Math.round(world.now - startedAt)} ms in the steady state`);
        }
        if ("token" in outcome && provider.token(outcome.token.id) === undefined) broken("a token that nobody issued");
      },
    };
  },
};

export const oneRefusal: RuleOfTheBook = {
  name: "one refusal",
  statement:
    "An API call through the authenticated fetch whose token was revoked is answered, by a second try with another token, " +
    "where nothing else fails and the provider replaces revoked tokens.",
  allows:
    "Steady clocks, and credentials that do not change. A token revoked in its first seconds, or while the call was under way; more than three revocations " +
    "in the schedule; providers where a new token ends the one before. Two tokens revoked before the call: the one that its " +
    "process held, and the one that another process had left in the store. A third try would also follow where the API " +
    "refuses every token, because a permission is missing.",
  watch({ plan, provider, world }, broken) {
    const calm = new Set(["get", "get all", "get and abort", "use", "fetch", "revoke"]);
    const revokedAt = plan.actions.filter(({ what }) => what === "revoke").map(({ at }) => at);
    const { replacesRevoked, previousDies } = plan.regime;
    const isCalm = plan.faults.length === 0 && plan.rotation === undefined;
    const isWatched = isCalm && replacesRevoked && !previousDies && revokedAt.length <= 3;
    if (!isWatched || !plan.actions.every(({ what }) => calm.has(what)) || plan.regime.lifetimeS < 600) return {};
    /** The token that a process found in the store last, by process and identity. */
    const storedIds = new Map<string, string>();
    return {
      found: ({ process, identity, found }) => void storedIds.set(`${process.name}/${identity}`, found.id),
      settled({ process, identity, kind, startedAt, outcome, number, heldId }) {
        if (kind !== "fetch" || outcome === undefined || process.state !== "running") return;
        const wasRevoked = (id = "") => (provider.token(id)?.revokedAt ?? startedAt) < startedAt;
        const storedId = storedIds.get(`${process.name}/${identity}`);
        if (storedId !== heldId && wasRevoked(heldId) && wasRevoked(storedId)) return;
        const isSudden = [...provider.tokens.values()].some(
          ({ issuedAt, revokedAt, ...token }) =>
            token.identity === identity &&
            (revokedAt - issuedAt < 5_000 || (revokedAt >= startedAt && revokedAt <= world.now)),
        );
        const isAnswered = "status" in outcome && outcome.status === 200;
        if (!isAnswered && !isSudden) broken(`API call ${number} of ${process.name} fails: ${JSON.stringify(outcome)}`);
      },
    };
  },
};
