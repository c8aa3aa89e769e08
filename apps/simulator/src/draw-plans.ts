import type { Course } from "./courses/course.ts";
import { drawLeftInStore } from "./courses/left-in-store.ts";
import { drawPausedStore } from "./courses/paused-store.ts";
import { drawRefusedSecret } from "./courses/refused-secret.ts";
import { drawWrongEnd } from "./courses/wrong-ends.ts";
import { drawLimitedPlan } from "./limited-plan.ts";
import { type Plan, timesOf } from "./plan.ts";
import { Random } from "./random.ts";
import { drawRotatingPlan } from "./rotating-plan.ts";
import { drawThemed } from "./themed-plan.ts";

/** One seed of so many follows a course about an end that a process counts wrong, and another one any other course. */
const COURSE_EVERY = 40;

/** A version that holds all identities in memory, and shares flights. */
const CALM_VERSION = { sharedFlights: true, maxConcurrentIssues: 8, maxIdentities: 100 };

/** All schedules of a seed. The second one draws from a generator of its own, so that the first one stays as it is. */
export function drawPlans(seed: number): Plan[] {
  const plan = drawPlan(seed);
  if (seed % 4 === 1) return [plan, drawLimitedPlan(seed)];
  return seed % 8 === 3 ? [plan, drawRotatingPlan(seed)] : [plan];
}

function drawPlan(seed: number): Plan {
  const plan = drawThemed(seed);
  const course = drawCourse(seed);
  if (course === undefined) return plan;
  const version = { encryption: plan.versions[0].encryption, ...CALM_VERSION };
  return { ...plan, ...course, ...timesOf(course), versions: [version, version], isMixed: false };
}

function drawCourse(seed: number): Course | undefined {
  switch (seed % COURSE_EVERY) {
    case COURSE_EVERY - 1:
      return drawWrongEnd(new Random(seed, "wrong end"));
    case COURSE_EVERY / 2 - 1: {
      const random = new Random(seed, "course");
      return random.oneOf([drawLeftInStore, drawPausedStore, drawRefusedSecret])(random);
    }
    default:
      return undefined;
  }
}
