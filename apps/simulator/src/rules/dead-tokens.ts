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
  /** The end without the seconds for which a token at its end is used. */
  countedEnd: number;
  heardAt: number;
  /** It held the token, or got it from the provider. */
  isOwn: boolean;
  /** It came long after its end, and counted as new. */
  readonly isAgain?: boolean;
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
    "read it. Where the wall clock was set forward, so does what was known of a token that one from the store replaced: that " +
    "one seemed to live longer. So does, where the provider names the full lifetime again, what was known of a token that an " +
    "older one replaced. Where the wall clock was set forward, the two clocks tell a token's end at two moments: once the token counted as new, each " +
    "answer of the provider counts. Where flights are not shared, only what is known of the usable token in memory counts. " +
    "A token that was written to the store late, and whose writer got no reply: nobody knows that its entry ends late.",
  watch(view, broken) {
    const { plan, world, provider } = view;
    const forgets = plan.identities > plan.versions[0].maxIdentities;
    const { namesFullLifetime, sameWhileS } = plan.regime;
    const hiddenMs = ({ machine }: ProcessView) =>
      namesFullLifetime && sameWhileS !== null && machine.wasSetForward ? machine.sleptMs : machine.confusionMs;
    const ends = new Lazy<ProcessView, Map<string, KnownToken>>(() => new Map());
    const isForgotten = (process: ProcessView, id: string, { identity, isOwn, heardAt }: KnownToken, now: number) =>
      process.peek(identity)?.id !== id &&
      (!process.version.sharedFlights || (!isOwn && now > heardAt + LONGEST_FLIGHT_MS));
    const count = (known: KnownToken, endsAt: number) => {
      known.endsAt = endsAt;
      known.countedEnd = endsAt;
    };
    /** When it was heard of last, the process may not have counted it as over yet. */
    const isNewlyOver = (before: KnownToken, heardAt: number) =>
      heardAt > before.countedEnd - ROUNDING_MS && before.heardAt < before.countedEnd + ROUNDING_MS;
    const claim = (process: ProcessView, id: string, told: KnownToken) => {
      const known = ends.of(process);
      const before = known.get(id);
      const { endsAt, heardAt } = told;
      if (before === undefined || isForgotten(process, id, before, heardAt)) return void known.set(id, told);
      if (heardAt > before.countedEnd + LONG_OVER_MS) return void known.set(id, { ...told, isAgain: true });
      const isLatest = before.isAgain && told.isOwn && process.machine.wasSetForward;
      if (plan.regime.policy.extendsSameToken || isLatest) count(before, Math.max(before.endsAt, endsAt));
      else if (Math.max(heardAt, endsAt) < before.endsAt - ROUNDING_MS) count(before, endsAt);
      else if (heardAt > before.endsAt - ROUNDING_MS || isNewlyOver(before, heardAt))
        before.endsAt = Math.max(before.endsAt, Math.min(endsAt, heardAt + LAST_USE_MS));
      before.heardAt = heardAt;
      before.isOwn ||= told.isOwn;
    };
    /** Tokens whose entries end late, unknown to anybody. */
    const unheard = new Set<string>();
    const forgetReplaced = (process: ProcessView, identity: number, after = Number.NEGATIVE_INFINITY) => {
      for (const [id, known] of ends.of(process))
        if (known.identity === identity && (provider.token(id)?.issuedAt ?? 0) > after) known.isOwn = false;
    };
    return {
      wroteUnheard: ({ id }) => void unheard.add(id),
      answered({ process, identity, issue, askedAt }) {
        if (issue === undefined) return;
        const endsAt = askedAt + issue.lifetimeS * 1_000;
        claim(process, issue.token.id, { identity, endsAt, countedEnd: endsAt, heardAt: askedAt, isOwn: true });
      },
      observed({ process, event }) {
        if (event.type === "evicted" && event.reason === "capacity") ends.of(process).delete(event.tokenId);
      },
      found({ process, identity, found, askedAt, waitedMs }) {
        // An entry of another identity tells nothing.
        if (found.remainingMs >= 1e12 || provider.token(found.id)?.identity !== identity) return;
        const { id, remainingMs } = found;
        const endsAt = askedAt + remainingMs;
        const told = { identity, endsAt, countedEnd: endsAt, heardAt: askedAt, isOwn: false };
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
        if (!known.isOwn && process.machine.wasSetForward) forgetReplaced(process, identity);
        // An entry of an older token may seem to live longer.
        else if (namesFullLifetime && process.peek(identity)?.id === token.id)
          forgetReplaced(process, identity, token.issuedAt);
        known.isOwn = true;
        if (isOfTwoSecrets(view, token.id) || unheard.has(token.id)) return;
        const lateMs = world.now - Math.max(token.endsAt, known.endsAt);
        const allowedMs = DRIFT * (world.now - token.issuedAt) + hiddenMs(process) + 5;
        if (lateMs > allowedMs) broken(`${process.name} hands out ${token.id} ${Math.round(lateMs)} ms after its end`);
      },
    };
  },
};
