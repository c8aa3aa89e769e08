import { isPeaceful, isReadableByAll } from "../plan.ts";
import type { ProcessView } from "../told.ts";
import { Lazy, type RuleOfTheBook } from "./rule.ts";

const WINDOW_MS = 10_000;
/** What a failing provider gets from one process in ten seconds: five flights of three attempts. */
const FAILING_LIMIT = 18;
const HEALTHY_LIMIT = 3;
const MAX_ATTEMPTS = 3;
/** An API call gets a token, waits out a young one that is refused, and replaces one that is refused again. */
const TOKENS_PER_API_CALL = 3;

export const boundedRequests: RuleOfTheBook = {
  name: "bounded requests",
  statement:
    `In any ${WINDOW_MS / 1_000} s a process that shares flights sends for one identity at most ${HEALTHY_LIMIT} token ` +
    `requests, or ${FAILING_LIMIT} where something fails in this schedule; and beyond that two for each forced call, ` +
    "refusal, invalidation and eviction in this time, one for each notice that a token was deleted because some call " +
    "reported it, and as many as a short lifetime needs. One flight sends at most three. Where flights are not shared, a " +
    `process sends at most three for each call of \`getToken\`, of which an API call makes up to ${TOKENS_PER_API_CALL}.`,
  allows: "Any clock behaviour; a step or a sleep counts like a forced call.",
  watch({ plan, world }, broken) {
    interface Count {
      requests: number[];
      excuses: number[];
      inFlight: number;
      calls: number;
      total: number;
    }
    const counts = new Lazy<string, Count>(() => ({ requests: [], excuses: [], inFlight: 0, calls: 0, total: 0 }));
    const of = (process: ProcessView, identity: number) => counts.of(`${process.name}/${identity}`);
    /** Tokens that somebody refused or invalidated. */
    const reported = new Set<string>();
    const recent = (moments: number[]) => {
      while (moments[0] !== undefined && moments[0] < world.now - WINDOW_MS) moments.shift();
      return moments.length;
    };
    const shortLived = Math.ceil(WINDOW_MS / (plan.regime.lifetimeS * 1_000 * 0.25));
    const excuse = (process: ProcessView, identity: number, times = 2) => {
      for (let time = 0; time < times; time++) of(process, identity).excuses.push(world.now);
    };
    return {
      called({ process, identity, kind, refused }) {
        if (refused !== undefined) reported.add(refused);
        of(process, identity).calls += kind === "fetch" ? TOKENS_PER_API_CALL : 1;
        if (kind !== "plain") excuse(process, identity);
      },
      invalidated({ process, identity, id }) {
        reported.add(id);
        excuse(process, identity);
      },
      noticed({ process, change }) {
        if (change.refusedTokenId !== undefined && reported.has(change.refusedTokenId))
          excuse(process, process.identityOf(change.key), 1);
      },
      observed({ process, event }) {
        if (!("key" in event)) return;
        const identity = process.identityOf(event.key);
        if (event.type === "flight_started") of(process, identity).inFlight = 0;
        if (event.type === "evicted") excuse(process, identity);
      },
      confused: (process) => {
        for (let identity = 0; identity < plan.identities; identity++) excuse(process, identity);
      },
      asked({ process, identity }) {
        const count = of(process, identity);
        if (!process.version.sharedFlights) {
          if (++count.total > MAX_ATTEMPTS * count.calls) broken(`${process.name} sends ${count.total} token requests`);
          return;
        }
        count.requests.push(world.now);
        const requests = recent(count.requests);
        const limit = plan.faults.length > 0 ? FAILING_LIMIT : HEALTHY_LIMIT;
        const allowed = limit + recent(count.excuses) + shortLived;
        if (requests > allowed) {
          broken(`${process.name} sends ${requests} token requests for identity ${identity} in ${WINDOW_MS} ms`);
        }
        // In a rotation, a process may have two flights of an identity at once.
        if (plan.isObserved && plan.rotation === undefined && ++count.inFlight > MAX_ATTEMPTS) {
          broken(`${process.name} sends ${count.inFlight} token requests in one flight`);
        }
      },
    };
  },
};

export const heededRetryAfter: RuleOfTheBook = {
  name: "Retry-After",
  statement:
    "After a 429 with `Retry-After` reached a process that shares flights and holds all identities in memory, it sends no " +
    "token request for this identity with the same secret before that time has passed.",
  allows: "Drift: 220 ppm. A process whose clocks were stepped, or that slept, is excepted.",
  watch({ plan, world }, broken) {
    const until = new Map<string, number>();
    if (plan.identities > plan.versions[0].maxIdentities) return {};
    return {
      answered({ process, identity, secret, retryAfterMs }) {
        if (retryAfterMs > 0)
          until.set(`${process.name}/${identity}/${secret}`, world.now + retryAfterMs * (1 - 2.2e-4) - 5);
      },
      asked({ process, identity, secret }) {
        const earlyMs = (until.get(`${process.name}/${identity}/${secret}`) ?? 0) - world.now;
        if (earlyMs > 0 && process.version.sharedFlights && process.machine.isSteady) {
          broken(`${process.name} asks ${Math.round(earlyMs)} ms before the provider's Retry-After`);
        }
      },
    };
  },
};

export const oneRequestInPeace: RuleOfTheBook = {
  name: "one request in peace",
  statement:
    "Where processes share a store with leases and read each other's entries, nothing fails and callers only ask for " +
    "tokens, every token request brings a new token or a later end: exactly one on a cold store, and one for each renewal. Where the provider sends the same " +
    "token until it ends, a process asks at most 16 times for each of its lives.",
  allows: "Skew, and drift of 100 ppm. Processes that do not share flights are excepted.",
  watch({ plan, world, provider }, broken) {
    const { regime, store, versions } = plan;
    const isPeace = isPeaceful(plan) && isReadableByAll(plan);
    if (!isPeace || !versions[0].sharedFlights || plan.identities > versions[0].maxIdentities) return {};
    const wasted = new Lazy<string, number[]>(() => []);
    const mayRepeat =
      regime.extensions === 1 || (regime.sameWhileS !== null && regime.policy.reissueWindow === undefined);
    return {
      answered({ process, identity, issue }) {
        if (issue?.isWasted !== true) return;
        if (!mayRepeat) {
          if (store?.leases)
            broken(`${process.name} asks for identity ${identity} in vain: ${issue.token.id} comes again`);
          return;
        }
        const times = wasted.of(`${process.name} ${issue.token.id}`);
        times.push(world.now);
        const { endsAt } = provider.token(issue.token.id) ?? issue.token;
        if (times.length > 16) broken(`${process.name} asks ${times.length} times for ${issue.token.id}, to ${endsAt}`);
      },
    };
  },
};

export const oneTokenWhenCold: RuleOfTheBook = {
  name: "one token for all",
  statement:
    "Where processes share a store with leases and read each other's entries, nothing fails and callers only ask for " +
    "tokens, the provider issues a new token only when the one before it has entered its soft window.",
  allows: "Skew, and drift of 100 ppm. Processes that do not share flights are excepted.",
  watch({ plan }, broken) {
    const { regime, store, versions } = plan;
    const isPeace = isPeaceful(plan) && isReadableByAll(plan) && store?.leases === true;
    if (!isPeace || !versions[0].sharedFlights || plan.identities > versions[0].maxIdentities) return {};
    const last = new Map<number, { id: string; issuedAt: number }>();
    return {
      answered({ identity, issue }) {
        if (issue === undefined) return;
        const { id, issuedAt } = issue.token;
        const before = last.get(identity);
        last.set(identity, { id, issuedAt });
        if (before === undefined || before.id === id) return;
        // The widest soft window is half of the life.
        const earlyMs = before.issuedAt + regime.lifetimeS * 1_000 * (0.5 - 1e-3) - issuedAt;
        if (earlyMs > 0)
          broken(`identity ${identity} gets ${id} ${Math.round(issuedAt - before.issuedAt)} ms after ${before.id}`);
      },
    };
  },
};
