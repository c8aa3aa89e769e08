import { drawPlans } from "./draw-plans.ts";
import type { Breach } from "./rules.ts";
import { type Outcome, run } from "./run.ts";
import type { Batch, BatchOutcome } from "./seeds.ts";

async function runBatch({ from, seeds }: Batch): Promise<BatchOutcome> {
  const told: Record<string, number> = {};
  const broken: BatchOutcome["broken"][number][] = [];
  let happenings = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    let breach: Breach | undefined;
    for (const plan of drawPlans(seed)) {
      const outcome = await run(plan).catch(thrown);
      happenings += outcome.happenings;
      for (const [what, count] of Object.entries(outcome.told)) told[what] = (told[what] ?? 0) + count;
      breach ??= outcome.breaches[0];
    }
    if (breach !== undefined) broken.push({ seed, ...breach });
  }
  return { happenings, told, broken };
}

function thrown(error: unknown): Outcome {
  const breach = { rule: "the library throws", at: 0, what: String(error), traceLength: 0 };
  return { breaches: [breach], happenings: 0, told: {} };
}

process.on("message", async (batch) => {
  process.send?.(await runBatch(batch as Batch));
});
