import type { Action, ActionKind, FaultKind } from "../plan.ts";
import type { Random } from "../random.ts";
import { drawRegime, type Regime } from "../regimes.ts";
import { action, type Course, calm, fault, MINUTE, SECOND } from "./course.ts";

/**
 * A provider sends the same token until it ends, and names its full lifetime each time. One process counts the end wrong,
 * could learn the right one, and is asked for the token after that. Chance alone rarely brings these steps in this order.
 */
export function drawWrongEnd(random: Random): Course {
  let regime = drawRegime(random);
  while (regime.extensions > 0 || regime.lifetimeS < 600) regime = drawRegime(random);
  const sameWhileS = regime.policy.reissueWindow === undefined ? 0 : regime.sameWhileS;
  const repeating = { ...regime, previousDies: false, namesFullLifetime: true, sameWhileS };
  return random.chance(0.5) ? steppedToItsEnd(random, repeating) : toldByTheStore(random, repeating);
}

/** The wall clock is stepped to the token's end, so that the token seems to be over, and then long over. */
function steppedToItsEnd(random: Random, regime: Regime): Course {
  const lifetimeMs = regime.lifetimeS * SECOND;
  const steppedAt = lifetimeMs * random.between(0.05, 0.6);
  const stepMs = lifetimeMs - steppedAt + random.between(0, 0.9) * MINUTE;
  const againAt = steppedAt + random.between(0.01, 1) * SECOND;
  const isSetBack = random.chance(0.3);
  const longOverAt = againAt + random.between(1.1, 2) * MINUTE;
  const setBackAt = longOverAt + MINUTE;
  return {
    ...calm(regime, 1),
    store: undefined,
    actions: [
      action("get", random.between(0, 1) * SECOND),
      action("step", steppedAt, stepMs),
      action(random.oneOf<ActionKind>(["get", "force"]), againAt),
      action("get", longOverAt),
      ...(isSetBack ? [action("step", setBackAt, -stepMs)] : []),
      ...afterItsEnd(random, lifetimeMs, 0),
    ],
  };
}

/** Without the store, the second process counts a full lifetime. Later the store tells the end, and the provider is down. */
function toldByTheStore(random: Random, regime: Regime): Course {
  const lifetimeMs = regime.lifetimeS * SECOND;
  const firstAt = lifetimeMs * random.between(0.3, 0.6);
  const toldAt = Math.max(lifetimeMs * random.between(0.65, 0.9), firstAt + MINUTE);
  return {
    ...calm(regime, 2),
    store: { atOnce: random.chance(0.5), leases: true, notices: random.chance(0.5) },
    faults: [
      fault(random.oneOf<FaultKind>(["store fails", "store loses requests"]), firstAt - SECOND, 21 * SECOND),
      fault(random.oneOf<FaultKind>(["provider down", "provider limits"]), toldAt - SECOND, MINUTE + SECOND),
    ],
    actions: [
      action("get", random.between(0, 1) * SECOND),
      action("get", firstAt, 0, 1),
      action("force", toldAt, 0, 1),
      ...afterItsEnd(random, lifetimeMs, 1),
    ],
  };
}

function afterItsEnd(random: Random, lifetimeMs: number, process: number): Action[] {
  const count = random.whole(1, 4);
  return Array.from({ length: count }, () => action("get", lifetimeMs * random.between(1.005, 1.25), 0, process));
}
