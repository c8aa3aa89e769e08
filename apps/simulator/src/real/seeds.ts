import { hasNoRedis } from "../../../../packages/token-cache-core/src/stores/redis/redis-servers.test-support.ts";
import { describePlan } from "../trace.ts";
import { drawRealPlan, type RealStore } from "./plan.ts";
import { type RealOutcome, runReal } from "./run.ts";
import { openStores } from "./server.ts";

/** Schedules at a time. They mostly wait. */
const AT_ONCE = 8;
/** Lines of the trace before a breach. */
const SHOWN_LINES = 60;

/** Runs seeds against a real store, prints which rules they break, and says whether all hold. */
export async function simulateRealStore(store: RealStore, from: number, seeds: number): Promise<boolean> {
  // Core's test support has said so.
  if (store === "redis" && hasNoRedis) return true;
  const startedAt = performance.now();
  const stores = await openStores[store]();
  const told: Record<string, number> = {};
  let broken = 0;
  let next = from;
  const work = async () => {
    while (next < from + seeds) {
      const plan = drawRealPlan(next++, store);
      const outcome = await runReal(plan, stores);
      for (const [what, count] of Object.entries(outcome.told)) told[what] = (told[what] ?? 0) + count;
      if (outcome.breaches.length === 0) continue;
      broken++;
      console.log(`${describePlan(plan)}${reportOf(outcome)}`);
    }
  };
  try {
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    await stores.close();
  }
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  const effort = ["started", "called", "asked", "sent", "noticed"].map((what) => `${told[what] ?? 0} ${what}`);
  const verdict = broken === 0 ? "All rules hold." : `${broken} seeds break a rule.`;
  console.log(`${verdict} (${store}, ${seeds} seeds from ${from}, ${effort.join(", ")}, ${seconds} s)`);
  return broken === 0;
}

function reportOf({ breaches, trace }: RealOutcome): string {
  const [first] = breaches;
  const lines = trace.slice(0, first?.traceLength).slice(-SHOWN_LINES);
  const broken = breaches.slice(0, 5).map(({ rule, at, what }) => `BROKEN at ${at / 1_000} s  ${rule}: ${what}`);
  return [...lines, ...broken].join("\n");
}
