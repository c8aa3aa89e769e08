import type { ProcessView } from "../told.ts";
import { isOfTwoSecrets, Lazy, type RuleOfTheBook } from "./rule.ts";

/** Two clocks differ by no more than this share. */
const DRIFT = 2.2e-4;

/** After this long over, a token that the provider sends again counts as a new one. */
const LONG_OVER_MS = 60_000;
/** Sent again sooner, it is at its end, at some moment that nobody can tell. */
const LAST_USE_MS = 5_000;
/** A process waits so long for the store, less what its clock may be too slow. */
const STORE_TIMEOUT_MS = 249;
/** Providers count in whole seconds, on both ends. */
const ROUNDING_MS = 2_000;
/** A flight waits for another process, and then sends its requests. */
const LONGEST_FLIGHT_MS = 30_000;

/** What a process can know of a token. */
interface KnownToken {
  readonly identity: number;
  endsAt: number;
  heardAt: number;
  /** It held the token, or got it from the provider. */
  isOwn: boolean;
}

export const deadTokens: RuleOfTheBook = {
  name: "dead token",
  statement:
    "A call never resolves with a token after its true end, once its process could know that end: from an answer of the " +
    "provider or a reply of the store that reached it within the store's time limit. Of several ends named for one token the earliest counts, where they " +
    "differ by two seconds or more, and the latest where the policy says that the provider extends. An entry tells its " +
    "token's end also where the process cannot read the entry. A token that the " +
    "provider sends again within a minute after its end is used for five seconds at most; later than that it counts as new.",
  allows:
    "Drift: 220 ppm of the token's life. Steps of the wall clock and sleep: a token may be used for as much longer as " +
    "the machine slept while its wall clock was set back; and as the machine slept at all, where the provider names the " +
    "full lifetime again and the wall clock was set forward, since then neither clock tells the token's age. What a full " +
    "memory forgot is not known, and neither is what was known of the token with another secret of a rotation. " +
    `What the store told of a token that the process never held counts for ${LONGEST_FLIGHT_MS / 1_000} s: for the flight that ` +
    "read it. Where flights are not shared, so does what was known of a token that another one replaced.",
  watch(view, broken) {
    const { plan, world, provider } = view;
    const forgets = plan.identities > plan.versions[0].maxIdentities;
    const { namesFullLifetime, sameWhileS } = plan.regime;
    const hiddenMs = ({ machine }: ProcessView) =>
      namesFullLifetime && sameWhileS !== null && machine.wasSetForward ? machine.sleptMs : machine.confusionMs;
    const ends = new Lazy<ProcessView, Map<string, KnownToken>>(() => new Map());
    const isForgotten = (process: ProcessView, id: string, { identity, isOwn, heardAt }: KnownToken, now: number) =>
      !isOwn && process.peek(identity)?.id !== id && now > heardAt + LONGEST_FLIGHT_MS;
    const claim = (process: ProcessView, id: string, told: KnownToken) => {
      const known = ends.of(process);
      const before = known.get(id);
      const { endsAt, heardAt } = told;
      if (before === undefined || heardAt > before.endsAt + LONG_OVER_MS || isForgotten(process, id, before, heardAt)) {
        known.set(id, told);
        return;
      }
      if (plan.regime.policy.extendsSameToken) before.endsAt = Math.max(before.endsAt, endsAt);
      else if (heardAt > before.endsAt - ROUNDING_MS)
        before.endsAt = Math.max(before.endsAt, Math.min(endsAt, heardAt + LAST_USE_MS));
      else if (endsAt < before.endsAt - ROUNDING_MS) before.endsAt = endsAt;
      before.heardAt = heardAt;
      before.isOwn ||= told.isOwn;
    };
    const holds = (process: ProcessView, identity: number, id: string) => {
      for (const [of, known] of ends.of(process)) {
        if (of === id) known.isOwn = true;
        else if (known.identity === identity && !process.version.sharedFlights) known.isOwn = false;
      }
    };
    return {
      answered({ process, identity, issue, askedAt }) {
        if (issue === undefined) return;
        const endsAt = askedAt + issue.lifetimeS * 1_000;
        claim(process, issue.token.id, { identity, endsAt, heardAt: askedAt, isOwn: true });
      },
      observed({ process, event }) {
        if (event.type === "evicted" && event.reason === "capacity") ends.of(process).delete(event.tokenId);
      },
      found({ process, identity, found, askedAt, waitedMs }) {
        // An entry of another identity tells nothing.
        if (found.remainingMs >= 1e12 || provider.token(found.id)?.identity !== identity) return;
        const { id, remainingMs } = found;
        const endsAt = askedAt + remainingMs;
        const told = { identity, endsAt, heardAt: askedAt, isOwn: false };
        if (waitedMs < STORE_TIMEOUT_MS) claim(process, id, told);
        // Nobody knows whether it came in time.
        else if (waitedMs < STORE_TIMEOUT_MS + world.timersLateMs) {
          const before = ends.of(process).get(id);
          ends.of(process).set(id, { ...(before ?? told), endsAt: Math.max(before?.endsAt ?? 0, endsAt) });
        }
      },
      settled({ process, identity, outcome }) {
        if (outcome === undefined || !("token" in outcome)) return;
        const token = provider.token(outcome.token.id);
        const known = ends.of(process).get(outcome.token.id);
        if (token === undefined) return broken(`a token that the provider never sent: ${outcome.token.id}`);
        if (known === undefined) {
          if (!forgets) broken(`${process.name} hands out ${token.id} with an end that cannot be`);
          return;
        }
        holds(process, identity, token.id);
        if (isOfTwoSecrets(view, token.id)) return;
        const lateMs = world.now - Math.max(token.endsAt, known.endsAt);
        const allowedMs = DRIFT * (world.now - token.issuedAt) + hiddenMs(process) + 5;
        if (lateMs > allowedMs) broken(`${process.name} hands out ${token.id} ${Math.round(lateMs)} ms after its end`);
      },
    };
  },
};

export const refusedTokens: RuleOfTheBook = {
  name: "refused token",
  statement:
    "After a call reported a token as refused, after `invalidate`, and after a notice that it was deleted, no later call " +
    "in this process resolves with it, unless the provider sent it since to any process. Further reports of a token that " +
    "this process has dropped already, and has not got from the provider since, are no news.",
  allows:
    "Any clock behaviour. A refusal of a token younger than the policy's `propagationMs`, by its process's clocks, does " +
    "not count, and neither does one that was answered with `token_refused` at once. A process that may hold fewer " +
    "identities than it uses is excepted: it forgets. A token that was sent for two secrets of a rotation is two.",
  watch(view, broken) {
    const { plan, world, provider } = view;
    interface Drop {
      /** When it was reported first, even if that report may not have counted. */
      readonly at: number;
      readonly countedAt: number;
      /** After which happening calls no longer get it; `undefined` as long as it may have been too young to be refused. */
      readonly order: number | undefined;
    }
    if (plan.identities > plan.versions[0].maxIdentities) return {};
    const dropped = new Lazy<ProcessView, Map<string, Drop>>(() => new Map());
    const drop = (process: ProcessView, id: string, byCall: boolean) => {
      const youngMs = 1.1 * (plan.regime.policy.propagationMs ?? 0) + process.machine.confusionMs;
      const isYoung = byCall && world.now - (provider.token(id)?.sentAt ?? 0) < youngMs;
      const before = dropped.of(process).get(id);
      // A report that did not count is no news either.
      if (before?.order !== undefined || (before !== undefined && isYoung)) return;
      const [at, countedAt] = [before?.at ?? world.now, world.now];
      dropped.of(process).set(id, { at, countedAt, order: isYoung ? undefined : world.happened });
    };
    return {
      answered({ process, issue, askedAt }) {
        if (issue === undefined) return;
        const before = dropped.of(process).get(issue.token.id);
        // Of an answer that was asked for before, nobody knows when the provider sent it.
        if (before !== undefined && askedAt >= before.countedAt) dropped.of(process).delete(issue.token.id);
      },
      called({ process, kind, refused }) {
        if (kind === "refused" && refused !== undefined) drop(process, refused, true);
      },
      invalidated: ({ process, id }) => drop(process, id, false),
      noticed({ process, change }) {
        if (change.refusedTokenId !== undefined) drop(process, change.refusedTokenId, false);
      },
      settled({ process, startedAt, order, kind, refused, outcome }) {
        if (outcome === undefined) return;
        if ("error" in outcome && kind === "refused" && refused !== undefined && startedAt === world.now) {
          dropped.of(process).delete(refused);
        }
        if (!("token" in outcome)) return;
        const { id } = outcome.token;
        const token = provider.token(id);
        const drop = dropped.of(process).get(id);
        if (token === undefined || drop?.order === undefined) return;
        if (order < drop.order || token.sentAt >= drop.at || isOfTwoSecrets(view, id)) return;
        broken(`${process.name} hands out ${id}, which it dropped ${Math.round(world.now - drop.at)} ms ago`);
      },
    };
  },
};

export const ownTokens: RuleOfTheBook = {
  name: "own token",
  statement:
    "A call gets a token of its own identity, and of the newest request that has been answered. Requests that brought the " +
    "same token count as one, from the first to the last.",
  allows:
    "Any clock behaviour. What a full memory forgot is not known. An answer with a token that was dropped meanwhile counts " +
    "as none.",
  watch({ plan, provider }, broken) {
    const forgets = plan.identities > plan.versions[0].maxIdentities;
    /** Per process and identity: when the request was sent that brought the newest token. */
    const newest = new Lazy<ProcessView, Map<number, { askedAt: number; id: string }>>(() => new Map());
    /** When each token was asked for, first and last. */
    const brought = new Lazy<ProcessView, Map<string, { first: number; last: number }>>(() => new Map());
    const dropped = new Lazy<ProcessView, Set<string>>(() => new Set());
    const bring = (process: ProcessView, id: string, askedAt: number) => {
      const { first, last } = brought.of(process).get(id) ?? { first: askedAt, last: askedAt };
      brought.of(process).set(id, { first: Math.min(first, askedAt), last: Math.max(last, askedAt) });
    };
    return {
      called({ process, refused }) {
        if (refused !== undefined) dropped.of(process).add(refused);
      },
      invalidated: ({ process, id }) => void dropped.of(process).add(id),
      noticed({ process, change }) {
        if (change.refusedTokenId !== undefined) dropped.of(process).add(change.refusedTokenId);
      },
      answered({ process, identity, issue, askedAt }) {
        if (issue === undefined) return;
        bring(process, issue.token.id, askedAt);
        if (dropped.of(process).has(issue.token.id)) return;
        const before = newest.of(process).get(identity);
        if (before === undefined || askedAt >= before.askedAt) {
          newest.of(process).set(identity, { askedAt, id: issue.token.id });
        }
      },
      found: ({ process, found, askedAt }) => bring(process, found.id, askedAt),
      settled({ process, identity, outcome, heldId }) {
        if (outcome === undefined || !("token" in outcome)) return;
        const token = provider.token(outcome.token.id);
        if (token?.identity !== identity) broken(`${process.name} hands out a token of identity ${token?.identity}`);
        // What it was asked for itself is a caller's own; what comes from memory has to be the newest.
        const last = newest.of(process).get(identity);
        const held = brought.of(process).get(outcome.token.id);
        if (forgets || heldId !== outcome.token.id || last === undefined || held === undefined) return;
        const earlierMs = (brought.of(process).get(last.id)?.first ?? 0) - held.last;
        if (earlierMs > 2 && last.id !== heldId && !dropped.of(process).has(last.id)) {
          broken(`${process.name} keeps ${heldId}, asked for ${earlierMs} ms before the newest, ${last.id}`);
        }
      },
    };
  },
};
