import type { Action, FaultKind } from "../plan.ts";
import type { Random } from "../random.ts";
import { drawRegime } from "../regimes.ts";
import { action, type Course, calm, fault, MINUTE, SECOND } from "./course.ts";

/** The store fails for a while. Minutes later, with no request in between, it has a hiccup. */
export function drawPausedStore(random: Random): Course {
  let regime = drawRegime(random);
  while (regime.lifetimeS < 1_800) regime = drawRegime(random);
  const outageMs = random.between(0.7, 1.5) * MINUTE;
  const hiccupAt = outageMs + random.between(2.1, 4) * MINUTE;
  const kind = random.oneOf<FaultKind>(["store fails", "store loses requests"]);
  const forces: Action[] = [];
  for (let at = 0; at < outageMs; at += random.between(2, 5) * SECOND) forces.push(action("force", at));
  return {
    ...calm(regime, 1),
    isObserved: true,
    store: { atOnce: random.chance(0.5), leases: true, notices: random.chance(0.5) },
    faults: [fault(kind, 0, outageMs), fault(kind, hiccupAt, 300)],
    actions: [
      ...forces,
      action("force", hiccupAt + random.between(0, 290)),
      action("force", hiccupAt + random.between(3.4, 10) * SECOND),
    ],
  };
}
