import {
  type Action,
  type ActionKind,
  type Fault,
  type FaultKind,
  type Plan,
  providerFaults,
  secretFaults,
  storeFaults,
  timesOf,
} from "./plan.ts";
import { Random } from "./random.ts";
import { drawRegime, type Regime } from "./regimes.ts";
import type { Rotation } from "./rotation.ts";

const themes = ["calm", "calm", "calm", "processes", "secrets", "store", "provider"] as const;
type Theme = (typeof themes)[number];

const faultKinds: Partial<Record<Theme, readonly [FaultKind, ...FaultKind[]]>> = {
  secrets: secretFaults,
  store: storeFaults,
  provider: providerFaults,
};

const callKinds = ["get", "get", "get", "get all", "use", "fetch", "force", "get and abort", "refuse"] as const;

/** A schedule in which the secret changes while callers need tokens. */
export function drawRotatingPlan(seed: number): Plan {
  const random = new Random(seed, "rotation");
  const theme = random.oneOf(themes);
  let regime = drawRegime(random);
  while (regime.lifetimeS > 10_800) regime = drawRegime(random);
  const processes = random.oneOf([1, 2, 2, 3, 4]);
  const identities = random.oneOf([1, 1, 2]);
  const rotation = drawRotation(random, regime, processes);
  const actions = drawActions(random, theme, regime, rotation, processes, identities);
  const faults = drawFaults(random, theme, rotation);
  const version = {
    encryption: random.oneOf(["none", "old key"] as const),
    sharedFlights: random.chance(0.85),
    maxIdentities: 100,
    maxConcurrentIssues: 8,
  };
  const times = timesOf({ faults, actions, regime });
  const overAt = Math.max(times.quietFrom, rotation.refusedFrom, rotation.acceptedFrom, ...rotation.seenFrom);
  return {
    seed,
    regime,
    identities,
    store: random.chance(0.2)
      ? undefined
      : { atOnce: random.chance(0.5), leases: random.chance(0.9), notices: random.chance(0.85) },
    machines: Array.from({ length: processes }, () => ({
      skewMs: random.between(-600_000, 600_000),
      drift: random.between(-1e-4, 1e-4),
    })),
    versions: [version, version],
    isMixed: false,
    isObserved: random.chance(0.8),
    exchanges: random.chance(0.7),
    rotation,
    faults,
    actions,
    quietFrom: overAt,
    endsAt: times.endsAt + overAt - times.quietFrom,
  };
}

/** Mostly in the right order: the provider accepts the new secret, all processes see it, and then the old one ends. */
function drawRotation(random: Random, { lifetimeS }: Regime, processes: number): Rotation {
  const lifetimeMs = lifetimeS * 1_000;
  const spanMs = Math.max(5_000, lifetimeMs * random.oneOf([0.01, 0.1, 0.5, 0.8]));
  const startsAt = lifetimeMs * random.between(0.1, 1.2);
  const acceptedFrom = startsAt + (random.chance(0.1) ? random.share() * spanMs : 0);
  const seenFrom = Array.from({ length: processes }, () => startsAt + random.share() * spanMs);
  const isTooEarly = random.chance(0.25);
  const refusedFrom = isTooEarly
    ? acceptedFrom + random.share() * spanMs
    : Math.max(acceptedFrom, ...seenFrom) + random.share() * random.oneOf([1_000, spanMs]);
  return {
    acceptedFrom,
    refusedFrom,
    seenFrom,
    endsTokens: random.chance(0.3),
    ttlMs: random.oneOf([300_000, 300_000, 60_000, 0]),
    answersWithinMs: random.oneOf([1, 100, 2_000]),
  };
}

/** Callers come before, while and after the secret changes, and when the tokens of the old one end. */
function drawActions(
  random: Random,
  theme: Theme,
  { lifetimeS }: Regime,
  { acceptedFrom, refusedFrom, seenFrom }: Rotation,
  processes: number,
  identities: number,
): Action[] {
  const moments = [0, acceptedFrom, refusedFrom, refusedFrom + lifetimeS * random.between(300, 900), ...seenFrom];
  return moments.flatMap((moment) => {
    const spreadMs = random.oneOf([10, 1_000, 30_000]);
    return Array.from({ length: random.whole(1, 8) }, (): Action => {
      const isUpset = theme === "processes" && random.chance(0.15);
      return {
        at: moment + random.between(0, spreadMs),
        process: random.whole(0, processes - 1),
        identity: random.whole(0, identities - 1),
        what: isUpset ? random.oneOf<ActionKind>(["close", "crash", "deploy"]) : random.oneOf(callKinds),
        ms: random.magnitude(1, 60_000),
      };
    });
  });
}

function drawFaults(random: Random, theme: Theme, { acceptedFrom, refusedFrom, seenFrom }: Rotation): Fault[] {
  const kinds = faultKinds[theme];
  if (kinds === undefined) return [];
  return Array.from({ length: random.whole(1, 3) }, (): Fault => {
    const kind = random.oneOf(kinds);
    const from = Math.max(0, random.oneOf([0, acceptedFrom, refusedFrom, ...seenFrom]) - random.magnitude(1, 5_000));
    const ms = kind === "provider limits" ? random.oneOf([0, 1_000, 30_000]) : random.magnitude(50, 10_000);
    return { kind, from, to: from + random.magnitude(100, 100_000), share: random.oneOf([1, 1, 0.5]), ms };
  });
}
