import {
  type Action,
  type ActionKind,
  calls,
  type Encryption,
  type Fault,
  type FaultKind,
  type Plan,
  providerFaults,
  storeFaults,
  timesOf,
  upsets,
  type Version,
} from "./plan.ts";
import { Random } from "./random.ts";
import { drawRegime, drawRepeatingRegime } from "./regimes.ts";
import type { ClockFaults } from "./world.ts";

/** What a seed is about: the rest of it is calm. */
const themes = [
  "peace",
  "store",
  "hiccup",
  "provider",
  "refusals",
  "revocations",
  "processes",
  "clocks",
  "ends",
  "everything",
  "everything",
] as const;
type Theme = (typeof themes)[number];

/** A schedule about one of the themes. */
export function drawThemed(seed: number): Plan {
  const random = new Random(seed, "plan");
  const theme = random.oneOf(themes);
  const regime = theme === "ends" ? drawRepeatingRegime(random) : drawRegime(random);
  const lifetimeMs = regime.lifetimeS * 1_000;
  const isHiccup = theme === "hiccup";
  const processes =
    isHiccup || theme === "ends" ? random.whole(1, 3) : random.oneOf([1, 1, 2, 2, 2, 3, 4, random.whole(5, 8)]);
  const identities = isHiccup ? random.whole(4, 8) : random.oneOf([1, 1, 1, 2, processes > 2 ? 1 : random.whole(3, 8)]);
  const moments = drawMoments(random, lifetimeMs);
  const faults = drawFaults(random, theme, moments);
  const actions = drawActions(random, theme, moments, lifetimeMs, processes, identities);
  const versions = drawVersions(random, theme, identities);
  return {
    seed,
    regime,
    identities,
    store: drawStore(random, theme),
    machines: Array.from({ length: processes }, () => drawClock(random, theme)),
    versions,
    isMixed: random.chance(0.3),
    isObserved: versions[0].maxIdentities < identities || random.chance(0.8),
    exchanges: random.chance(0.7),
    faults,
    actions,
    ...timesOf({ faults, actions, regime }),
  };
}

/** Callers and trouble come together, around the moments that matter in a token's life. */
function drawMoments(random: Random, lifetimeMs: number): number[] {
  const shares = [0.5, 0.85, 0.97, 1, 1.5] as const;
  const moments = [0];
  for (let count = random.whole(1, 5); moments.length < count; ) {
    const last = moments.at(-1) ?? 0;
    const kind = random.oneOf(["soon", "soon", "share", "end"]);
    if (kind === "soon") {
      moments.push(last + random.magnitude(100, 120_000));
    } else if (kind === "share") {
      const offMs = random.between(-1, 0.2) * random.magnitude(1, 120_000);
      moments.push(Math.max(0, lifetimeMs * random.oneOf(shares) + offMs));
    } else {
      // The end by the process's count comes before the provider's, by the time that the request was on its way.
      moments.push(lifetimeMs + random.between(0, 0.1) * random.magnitude(100, 10_000));
    }
  }
  return moments;
}

function drawFaults(random: Random, theme: Theme, moments: readonly number[]): Fault[] {
  const kinds: FaultKind[] = [];
  if (theme === "store" || theme === "everything") kinds.push(...storeFaults);
  if (theme === "provider" || theme === "everything") kinds.push(...providerFaults);
  if (theme === "refusals") kinds.push("api lags", "api denies", "notices lost", "store hangs", "provider slow");
  if (theme === "hiccup" || theme === "ends") kinds.push("store hangs", "store fails", "store loses replies");
  if (theme === "ends" && random.chance(0.5)) kinds.push("provider down");
  if (theme === "clocks" && random.chance(0.3)) kinds.push("store slow", "store loses replies");
  if (theme === "hiccup") kinds.push("store mixes up replies");
  if (theme === "hiccup" && random.chance(0.3)) kinds.push("provider slow");
  const [first, ...rest] = kinds;
  if (first === undefined || (theme === "refusals" && random.chance(0.4))) return [];
  return Array.from({ length: theme === "hiccup" ? 1 : random.whole(1, 5) }, () => {
    const kind = random.oneOf([first, ...rest]);
    const from = Math.max(0, near(random, moments) - random.magnitude(1, theme === "hiccup" ? 200 : 5_000));
    const lastsMs = random.chance(theme === "hiccup" ? 1 : 0.3) ? 300 : random.magnitude(100, 300_000);
    const ms = kind === "provider limits" ? random.oneOf([0, 1_000, 30_000, 600_000]) : random.magnitude(50, 10_000);
    return { kind, from, to: from + lastsMs, share: random.oneOf([1, 1, 0.5, 0.2]), ms };
  });
}

function drawStore(random: Random, theme: Theme): Plan["store"] {
  if (theme !== "store" && random.chance(0.15)) return undefined;
  return { atOnce: random.chance(0.5), leases: random.chance(0.9), notices: random.chance(0.85) };
}

function drawClock(random: Random, theme: Theme): ClockFaults {
  if (theme !== "clocks" && theme !== "everything" && !random.chance(0.3)) return { skewMs: 0, drift: 0 };
  return { skewMs: random.between(-600_000, 600_000), drift: random.between(-1e-4, 1e-4) };
}

function drawVersions(random: Random, theme: Theme, identities: number): [Version, Version] {
  const encryption: Encryption = random.chance(0.5) ? "none" : random.oneOf(["old key", "both keys"]);
  const version = {
    encryption,
    sharedFlights: random.chance(0.85),
    maxConcurrentIssues: random.oneOf([8, 8, 2]),
    maxIdentities: identities > 1 && random.chance(0.2) ? Math.ceil(identities / 2) : 100,
  };
  if (theme !== "processes" && theme !== "everything" && theme !== "ends") return [version, version];
  const next = random.chance(0.6) ? random.oneOf<Encryption>(["none", "old key", "both keys", "new key"]) : encryption;
  return [version, { ...version, encryption: next }];
}

function drawActions(
  random: Random,
  theme: Theme,
  moments: readonly number[],
  lifetimeMs: number,
  processes: number,
  identities: number,
): Action[] {
  const upsetShare = {
    peace: 0,
    hiccup: 0,
    store: 0.05,
    provider: 0,
    refusals: 0.15,
    revocations: 0.1,
    ends: 0.1,
    processes: 0.25,
    clocks: 0.25,
    everything: 0.15,
  };
  const upsetKinds: Record<Theme, readonly [ActionKind, ...ActionKind[]]> = {
    peace: upsets,
    hiccup: upsets,
    store: ["evict", "garble"],
    provider: upsets,
    refusals: ["revoke"],
    revocations: ["revoke"],
    ends: ["step", "evict", "deploy"],
    processes: ["close", "crash", "deploy"],
    clocks: ["step", "sleep", "force and sleep"],
    everything: upsets,
  };
  const callKinds: Partial<Record<Theme, readonly [ActionKind, ...ActionKind[]]>> = {
    peace: ["get", "get", "get all"],
    hiccup: ["get all", "force"],
    refusals: ["get", "use", "fetch", "refuse", "refuse", "invalidate"],
    revocations: ["get", "fetch"],
    ends: ["get", "get", "force"],
  };

  return moments.flatMap((moment) => {
    const spreadMs = random.oneOf([0, 10, 100, 1_000, 30_000]);
    return Array.from({ length: random.whole(1, 20) }, (): Action => {
      const what = random.chance(upsetShare[theme])
        ? random.oneOf(upsetKinds[theme])
        : random.oneOf(callKinds[theme] ?? calls);
      return {
        at: moment + random.between(0, spreadMs),
        process: random.whole(0, processes - 1),
        identity: random.whole(0, identities - 1),
        what,
        // Long enough that the token's end by the wall clock is far from its true end.
        ms: theme === "ends" && what === "step" ? random.between(0.1, 0.9) * lifetimeMs : lengthOf(random, what),
      };
    });
  });
}

function lengthOf(random: Random, what: ActionKind): number {
  if (what === "step") return random.between(-1, 1) * random.magnitude(100, 7_200_000);
  const isSleep = what === "sleep" || what === "force and sleep";
  return isSleep ? random.magnitude(1_000, 7_200_000) : random.magnitude(1, 60_000);
}

function near(random: Random, moments: readonly number[]): number {
  return moments[random.whole(0, moments.length - 1)] ?? 0;
}
