import { drawThemed, type Plan, timesOf } from "./plan.ts";
import { Random } from "./random.ts";
import { drawWrongEnd } from "./wrong-ends.ts";

/** One seed of so many is about an end that a process counts wrong. */
const WRONG_END_EVERY = 40;

/** A version that holds all identities in memory, and shares flights. */
const CALM_VERSION = { sharedFlights: true, maxConcurrentIssues: 8, maxIdentities: 100 };

/** The schedule that follows from a seed. */
export function drawPlan(seed: number): Plan {
  const plan = drawThemed(seed);
  if (seed % WRONG_END_EVERY !== WRONG_END_EVERY - 1) return plan;
  const wrongEnd = drawWrongEnd(new Random(seed, "wrong end"));
  const version = { encryption: plan.versions[0].encryption, ...CALM_VERSION };
  return { ...plan, ...wrongEnd, ...timesOf(wrongEnd), versions: [version, version], isMixed: false };
}
