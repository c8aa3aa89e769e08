import type { Allowance, Limits } from "./limits.ts";
import { type Action, type ActionKind, type Fault, type FaultKind, type Plan, pacedCalls, timesOf } from "./plan.ts";
import { Random } from "./random.ts";

const themes = [
  "calm",
  "calm",
  "others",
  "quota",
  "quota",
  "outage",
  "store",
  "processes",
  "uploads",
  "uploads",
  "tokens",
] as const;
type Theme = (typeof themes)[number];

const upsetShare: Record<Theme, number> = {
  calm: 0,
  others: 0.08,
  quota: 0.04,
  outage: 0,
  store: 0,
  processes: 0.06,
  uploads: 0.02,
  tokens: 0,
};

const callKinds: Partial<Record<Theme, readonly [ActionKind, ...ActionKind[]]>> = {
  outage: ["read", "read", "order", "read and abort"],
  uploads: ["upload", "upload", "upload", "upload and abort", "read"],
  tokens: ["get all", "get", "force", "read"],
};

/** Every process has its tokens by then. */
const BEGINS_MS = 5_000;

const peaceful: Plan["regime"] = {
  name: "limited",
  policy: { softWindow: { share: 0.5 }, hardWindow: { ms: 60_000 }, jitter: 0.9, propagationMs: 1_000 },
  lifetimeS: 36_000,
  sameWhileS: null,
  namesFullLifetime: false,
  previousDies: false,
  extensions: 0,
  extensionWindowS: 60,
  extensionS: 0,
  replacesRevoked: true,
};

/** A schedule in which the provider counts API calls. */
export function drawLimitedPlan(seed: number): Plan {
  const random = new Random(seed, "limits");
  const theme = random.oneOf(themes);
  const machines = theme === "outage" ? random.whole(2, 4) : random.oneOf([1, 2, 2, 3, random.whole(4, 8)]);
  const identities = theme === "tokens" ? random.whole(5, 20) : random.oneOf([1, 2, 3, 4]);
  const limits = drawLimits(random, theme);
  const actions = drawActions(random, theme, limits, machines, identities);
  const faults = drawFaults(random, theme, limits);
  const regime = theme === "tokens" ? { ...peaceful, lifetimeS: 600 } : peaceful;
  const quietFrom = Math.max(...actions.map(({ at }) => at)) + limits.maxWaitMs + 5_000;
  const version = {
    encryption: random.oneOf(["none", "old key"] as const),
    sharedFlights: theme === "outage" || theme === "tokens" || random.chance(0.8),
    maxIdentities: 100,
    maxConcurrentIssues: 8,
  };
  return {
    seed,
    regime,
    identities,
    store: theme === "calm" && machines === 1 ? undefined : { atOnce: true, leases: true, notices: true },
    machines: Array.from({ length: machines }, () => ({
      skewMs: random.between(-600_000, 600_000),
      drift: random.between(-1e-4, 1e-4),
    })),
    versions: [version, version],
    isMixed: false,
    isObserved: true,
    // It learns from the token endpoint's answers.
    exchanges: theme === "tokens",
    limits,
    faults,
    actions,
    ...(theme === "tokens" ? timesOf({ faults, actions, regime }) : { quietFrom, endsAt: quietFrom + 10_000 }),
  };
}

function drawLimits(random: Random, theme: Theme): Limits {
  const perSecond = random.oneOf([2, 2, 5, 50]);
  const quotaFrom = BEGINS_MS + random.between(0, 5_000);
  return {
    perSecond,
    burst: random.chance(0.7) ? random.oneOf([perSecond, perSecond, 2 * perSecond]) : undefined,
    tokens: theme === "tokens" ? drawTokenAllowance(random) : undefined,
    uploadMs: random.oneOf([100, 1_000, 5_000]),
    documentedShare: random.oneOf([1, 1, 0.5]),
    saysUnprocessed: random.chance(0.5),
    saysRetryAfter: random.chance(0.3),
    maxWaitMs: theme === "outage" ? 60_000 : random.oneOf([2_000, 10_000, 60_000]),
    others: theme === "others" ? { from: 0, to: 40_000, share: random.between(0.2, 0.9) } : undefined,
    quota:
      theme === "quota"
        ? { from: quotaFrom, to: quotaFrom + random.between(8_000, 40_000), toldShare: random.oneOf([1, 1, 0.5, 1.05]) }
        : undefined,
  };
}

function drawTokenAllowance(random: Random): Allowance {
  const perSecond = random.oneOf([1, 2, 2, 10]);
  return { perSecond, burst: random.chance(0.5) ? random.oneOf([perSecond, 2 * perSecond]) : undefined };
}

function drawFaults(random: Random, theme: Theme, { quota }: Limits): Fault[] {
  const isDownAtEnd = quota !== undefined && random.chance(0.3);
  if (theme === "outage" || isDownAtEnd) {
    const from = isDownAtEnd ? quota.to - random.between(0, 5_000) : BEGINS_MS + random.between(10_000, 15_000);
    return [{ kind: "store fails", from, to: from + random.between(2_000, 20_000), share: 1, ms: 0 }];
  }
  if (theme !== "store") return [];
  return Array.from({ length: random.whole(1, 3) }, () => {
    const kind = random.oneOf<FaultKind>([
      "store slow",
      "store loses requests",
      "store loses replies",
      "store fails",
      "store hangs",
    ]);
    const from = BEGINS_MS + random.between(-1_000, 20_000);
    const share = random.oneOf([1, 0.5, 0.2]);
    return { kind, from, to: from + random.magnitude(300, 20_000), share, ms: random.magnitude(50, 5_000) };
  });
}

function drawActions(
  random: Random,
  theme: Theme,
  { perSecond, quota }: Limits,
  processes: number,
  identities: number,
): Action[] {
  const warmUp = Array.from(
    { length: processes },
    (_, process): Action => ({ at: random.between(0, 100), process, identity: 0, what: "get all", ms: 0 }),
  );
  const spreadMs = theme === "outage" ? 30_000 : random.oneOf([0, 1_000, 10_000, 30_000]);
  // Where the store is down, more calls come than a narrow lane takes: its turns are waited for all the time.
  const count = theme === "outage" ? Math.min(300, 90 * perSecond) : random.whole(5, 70);
  const paced = Array.from({ length: count }, (): Action => {
    const upset = random.chance(upsetShare[theme]) ? random.oneOf(["close", "crash"] as const) : undefined;
    return {
      at: BEGINS_MS + random.between(0, spreadMs),
      process: random.whole(0, processes - 1),
      identity: random.chance(0.5) ? 0 : random.whole(0, identities - 1),
      what: upset ?? random.oneOf(callKinds[theme] ?? pacedCalls),
      ms: random.magnitude(1, 20_000),
    };
  });
  return [...warmUp, ...paced, ...(quota === undefined ? [] : drawAround(random, quota, processes))];
}

/** Calls at a quota's start and end. One process closes while its call is on its way, which is refused for the quota. */
function drawAround(random: Random, { from, to }: NonNullable<Limits["quota"]>, processes: number): Action[] {
  const of = () => ({ process: random.whole(0, processes - 1), identity: 0, ms: random.magnitude(1, 20_000) });
  const [closing, reading] = [of(), of()];
  const reads = [from, from, from, to, to, to].map(
    (moment): Action => ({ ...reading, at: moment + random.between(-500, 500), what: "read" }),
  );
  return [
    { ...closing, at: from - random.between(0, 20), what: random.oneOf(pacedCalls) },
    { ...closing, at: from + random.between(0, 60), what: "close" },
    ...reads,
  ];
}
