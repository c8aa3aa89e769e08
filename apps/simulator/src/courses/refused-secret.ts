import type { Action } from "../plan.ts";
import type { Random } from "../random.ts";
import { drawRegime, type Regime } from "../regimes.ts";
import { action, type Course, calm, MINUTE, SECOND } from "./course.ts";

/** A secret is refused while a process still uses it. */
export function drawRefusedSecret(random: Random): Course {
  let regime = drawRegime(random);
  while (regime.name !== "toss" || regime.lifetimeS < 1_800) regime = drawRegime(random);
  const replacing = { ...regime, sameWhileS: null, previousDies: false };
  return random.chance(0.5) ? helpedByAnother(random, replacing) : refusedEarly(random, replacing);
}

/** The second process has brought a newer token just before. So the first one gets a token, though its secret is refused. */
function helpedByAnother(random: Random, regime: Regime): Course {
  const startsAt = random.between(1, 10) * MINUTE;
  const refusedFrom = startsAt + MINUTE;
  return {
    ...calm(regime, 2),
    store: { atOnce: random.chance(0.5), leases: true, notices: random.chance(0.5) },
    rotation: {
      acceptedFrom: startsAt,
      seenFrom: [startsAt, startsAt],
      refusedFrom,
      endsTokens: false,
      ttlMs: 5 * MINUTE,
      answersWithinMs: random.oneOf([1, 100]),
    },
    actions: [
      action("get", startsAt - random.between(1, 10) * SECOND),
      action("get", startsAt - random.between(1, 10) * SECOND, 0, 1),
      action("force", refusedFrom - random.between(2, 20) * SECOND, 0, 1),
      ...[1, 30, 60].map((seconds) => action("force", refusedFrom + seconds * SECOND)),
    ],
  };
}

/** The provider refuses the old secret before the process sees the new one, and callers come all the time. */
function refusedEarly(random: Random, regime: Regime): Course {
  const refusedFrom = random.between(1, 10) * MINUTE;
  const callers = Array.from(
    { length: 40 },
    (): Action => action("force", refusedFrom + random.between(1, 15) * SECOND),
  );
  return {
    ...calm(regime, 1),
    store: undefined,
    rotation: {
      acceptedFrom: refusedFrom,
      seenFrom: [refusedFrom + random.between(20, 90) * SECOND],
      refusedFrom,
      endsTokens: random.chance(0.5),
      ttlMs: random.oneOf([MINUTE, 5 * MINUTE]),
      answersWithinMs: random.oneOf([1, 100]),
    },
    actions: [action("get", refusedFrom - random.between(1, 30) * SECOND), ...callers],
  };
}
