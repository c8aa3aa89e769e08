import type { ProcessView } from "../told.ts";
import { isOfTwoSecrets, Lazy, type RuleOfTheBook } from "./rule.ts";

/** Of each identity, a process remembers so many tokens that it dropped. */
const MOST_REMEMBERED = 4;

export const refusedTokens: RuleOfTheBook = {
  name: "refused token",
  statement:
    "After a call reported a token as refused, after `invalidate`, and after a notice that it was deleted, no later call " +
    "in this process resolves with it, unless the provider sent it since to any process. Further reports of a token that " +
    "this process has dropped already, and has not got from the provider since, are no news. A process remembers the " +
    `${MOST_REMEMBERED} tokens of each identity that were reported last.`,
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
    /** The ids of the tokens that were reported, the last one at the end. */
    const reported = new Lazy<ProcessView, Set<string>>(() => new Set());
    const isForgotten = (process: ProcessView, id: string) => {
      const ids = [...reported.of(process)];
      const isOfSame = (each: string) => provider.token(each)?.identity === provider.token(id)?.identity;
      return ids.slice(ids.indexOf(id) + 1).filter(isOfSame).length >= MOST_REMEMBERED;
    };
    const drop = (process: ProcessView, id: string, byCall: boolean) => {
      if (isForgotten(process, id)) dropped.of(process).delete(id);
      reported.of(process).delete(id);
      reported.of(process).add(id);
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
      observed({ process, event }) {
        // An API call reports a refusal by itself.
        if (event.type === "refused") drop(process, event.tokenId, false);
      },
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
        if (isForgotten(process, id)) return;
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
