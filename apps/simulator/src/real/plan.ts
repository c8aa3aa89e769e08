import type { ProxyFault } from "../../../../packages/token-cache-core/src/stores/redis/loopback-proxy.test-support.ts";
import {
  type Action,
  type ActionKind,
  calls,
  type Encryption,
  type Fault,
  type FaultKind,
  type Plan,
} from "../plan.ts";
import { Random } from "../random.ts";
import type { Regime } from "../regimes.ts";

/** The stores that run outside of the simulator. */
export const realStores = ["redis", "sqlite"] as const;
export type RealStore = (typeof realStores)[number];

/** What a proxy in front of Redis does to its connections for a while. */
export interface Cut {
  readonly at: number;
  readonly lastsMs: number;
  /** `lose an answer`: each later answer of that connection arrives as the answer to the request before. */
  readonly fault: ProxyFault | "lose an answer";
  /** At its start it also ends the connections that are open. */
  readonly drops: boolean;
}

/** A schedule in real time: tokens live for seconds, and so does the schedule. */
export interface RealPlan extends Plan {
  readonly cuts: readonly Cut[];
}

/** All actions and faults come in this time. */
const BUSY_MS = 3_500;
/** A process that ended starts again within this time. */
const QUIET_MS = 3_000;

const unknownOf = (random: Random) => ({
  previousDies: random.chance(0.3),
  replacesRevoked: random.chance(0.9),
  extensions: 0,
  extensionWindowS: 0,
  extensionS: 0,
});

/** The three regimes, scaled down from hours to seconds. */
function drawRegime(random: Random): Regime {
  const lifetimeS = random.whole(2, 4);
  const unknown = { ...unknownOf(random), lifetimeS, namesFullLifetime: random.chance(0.3) };
  const jitter = 0.8;
  const propagationMs = 100;
  const share = { softWindow: { share: 0.5 }, hardWindow: { ms: 100 }, jitter, propagationMs };
  switch (random.oneOf(["toss", "naver", "iamport"])) {
    case "naver": {
      const policy = { ...share, softWindow: { ms: 900 }, reissueWindow: { ms: 1_000 } };
      return { ...unknown, name: "naver", policy, sameWhileS: 1, previousDies: false };
    }
    case "iamport": {
      const policy = { ...share, softWindow: { ms: 900 }, reissueWindow: { ms: 1_000 }, extendsSameToken: true };
      const extending = { extensions: random.oneOf([1, 1_000]), extensionWindowS: 1, extensionS: 2 };
      return { ...unknown, ...extending, name: "iamport", policy, sameWhileS: 0, namesFullLifetime: false };
    }
    default:
      return { ...unknown, name: "toss", policy: share, sameWhileS: null };
  }
}

/** Faults from which a process recovers within seconds. */
const faultKinds: readonly [FaultKind, ...FaultKind[]] = [
  "store slow",
  "store loses requests",
  "store loses replies",
  "store fails",
  "store hangs",
  "notices lost",
  "notices late",
  "notices twice",
  "provider slow",
  "provider down",
  "provider unreachable",
  "provider loses answers",
  "provider limits",
  "api denies",
];
const upsetKinds: readonly [ActionKind, ...ActionKind[]] = ["revoke", "evict", "garble", "close", "crash", "deploy"];
/** A garbled entry hides when its token ends, and a provider that names the full lifetime does not tell it either. */
const upsetKindsWithoutEnds: typeof upsetKinds = ["revoke", "evict", "close", "crash", "deploy"];
const cutFaults: readonly [Cut["fault"], ...Cut["fault"][]] = [
  "none",
  "refuse",
  "silence",
  "delay",
  "silence-subscribers",
  "lose an answer",
  "lose an answer",
];

export function drawRealPlan(seed: number, store: RealStore): RealPlan {
  const random = new Random(seed, "real plan");
  const processes = random.whole(2, 5);
  const identities = random.whole(1, 3);
  const hasFaults = random.chance(0.7);
  const encryption = random.oneOf<Encryption>(["none", "old key", "both keys"]);
  const regime = drawRegime(random);
  const upsets = regime.namesFullLifetime ? upsetKindsWithoutEnds : upsetKinds;
  const next = random.chance(0.7) ? encryption : random.oneOf<Encryption>(["none", "both keys", "new key"]);
  const version = { encryption, sharedFlights: random.chance(0.9), maxConcurrentIssues: 8, maxIdentities: 100 };
  return {
    seed,
    regime,
    identities,
    // SQLite has no `getOrLease`: an answer put together from two would not be atomic.
    store: { atOnce: store === "redis" && random.chance(0.7), leases: random.chance(0.9), notices: random.chance(0.9) },
    machines: Array.from({ length: processes }, () => ({
      skewMs: random.between(-600_000, 600_000),
      drift: random.between(-1e-4, 1e-4),
    })),
    versions: [version, { ...version, encryption: next }],
    isMixed: random.chance(0.3),
    isObserved: true,
    exchanges: random.chance(0.7),
    faults: hasFaults ? Array.from({ length: random.whole(1, 5) }, () => drawFault(random)) : [],
    cuts: hasFaults && store === "redis" ? Array.from({ length: random.whole(0, 3) }, () => drawCut(random)) : [],
    actions: Array.from({ length: random.whole(20, 80) }, () => drawAction(random, upsets, processes, identities)),
    quietFrom: BUSY_MS,
    endsAt: BUSY_MS + QUIET_MS,
  };
}

function drawFault(random: Random): Fault {
  const kind = random.oneOf(faultKinds);
  const from = random.between(0, 0.9 * BUSY_MS);
  const to = Math.min(BUSY_MS, from + random.magnitude(100, 3_000));
  const ms = kind === "provider limits" ? random.oneOf([0, 1_000]) : random.magnitude(50, 1_000);
  return { kind, from, to, share: random.oneOf([1, 0.5, 0.2]), ms };
}

/** Callers and faults come together. */
function drawMoment(random: Random): number {
  return random.whole(0, 6) * 500;
}

function drawCut(random: Random): Cut {
  const at = Math.max(0, drawMoment(random) + random.between(-50, 50));
  const lastsMs = Math.min(BUSY_MS - at, random.magnitude(100, 1_500));
  const fault = random.oneOf(cutFaults);
  return { at, lastsMs, fault, drops: fault !== "lose an answer" && random.chance(0.7) };
}

function drawAction(random: Random, upsets: typeof upsetKinds, processes: number, identities: number): Action {
  const isUpset = random.chance(0.12);
  return {
    at: drawMoment(random) + random.oneOf([0, 0, random.between(0, 500)]),
    process: random.whole(0, processes - 1),
    identity: random.whole(0, identities - 1),
    what: isUpset ? random.oneOf(upsets) : random.oneOf(calls),
    ms: random.magnitude(1, 5_000),
  };
}
