import type { FaultKind } from "../plan.ts";
import type { Random } from "../random.ts";
import { drawRegime, type Regime } from "../regimes.ts";
import { action, type Course, calm, fault, MINUTE, SECOND } from "./course.ts";

/**
 * The store holds the token before the current one, since it failed when the current one was written. Then the current
 * one is invalidated, and the process looks into the store.
 */
export function drawLeftInStore(random: Random): Course {
  let regime = drawRegime(random);
  while (regime.name !== "toss" || regime.lifetimeS < 600) regime = drawRegime(random);
  const replacing = { ...regime, sameWhileS: null, previousDies: false };
  return random.chance(0.5) ? refusedLate(random, replacing) : writtenLate(random, replacing);
}

/** The token in the store was refused when there was a newer one. */
function refusedLate(random: Random, regime: Regime): Course {
  const lifetimeMs = regime.lifetimeS * SECOND;
  const renewedAt = lifetimeMs * random.between(0.1, 0.3);
  const refusedAt = renewedAt + random.between(0.1, 1) * MINUTE;
  const invalidatedAt = lifetimeMs * random.between(0.5, 0.7);
  return {
    ...calm(regime, 1),
    store: { atOnce: random.chance(0.5), leases: true, notices: random.chance(0.5) },
    faults: [writesFail(random, renewedAt)],
    actions: [
      action("get", random.between(0, 1) * SECOND),
      action("force", renewedAt),
      action("refuse the first", refusedAt),
      action("invalidate", invalidatedAt),
      action("get", invalidatedAt + random.between(0, 1) * SECOND),
    ],
  };
}

/** The token in the store was written late, so that its entry ends late. */
function writtenLate(random: Random, regime: Regime): Course {
  const lifetimeMs = regime.lifetimeS * SECOND;
  const writtenAt = lifetimeMs * random.between(0.3, 0.4);
  const renewedAt = writtenAt + 10 * SECOND;
  const invalidatedAt = lifetimeMs * random.between(0.5, 0.7);
  const count = random.whole(1, 4);
  // The store is asked before the token request, and hangs after it.
  const hang = fault("store hangs", 1, writtenAt - 1);
  return {
    ...calm(regime, 1),
    store: { atOnce: true, leases: true, notices: random.chance(0.5) },
    faults: [
      hang,
      ...(random.chance(0.2) ? [{ ...hang, kind: "store loses replies" as const }] : []),
      writesFail(random, renewedAt),
    ],
    actions: [
      action("get", 0),
      action("force", renewedAt),
      action("invalidate", invalidatedAt),
      action("get", invalidatedAt + random.between(0, 1) * SECOND),
      ...Array.from({ length: count }, () => action("get", lifetimeMs * random.between(1.005, 1.15))),
    ],
  };
}

function writesFail(random: Random, at: number) {
  return fault(random.oneOf<FaultKind>(["store fails", "store loses requests"]), at - SECOND, 5 * SECOND);
}
