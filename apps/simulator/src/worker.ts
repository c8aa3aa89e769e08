import { drawPlan } from "./plan.ts";
import { type Outcome, run } from "./run.ts";
import type { Batch, BatchOutcome } from "./seeds.ts";

async function runBatch({ from, seeds }: Batch): Promise<BatchOutcome> {
  const told: Record<string, number> = {};
  const broken: BatchOutcome["broken"][number][] = [];
  let happenings = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    const outcome = await run(drawPlan(seed)).catch((error: unknown): Outcome => {
      const breach = { rule: "the library throws", at: 0, what: String(error), traceLength: 0 };
      return { breaches: [breach], happenings: 0, told: {} };
    });
    happenings += outcome.happenings;
    for (const [what, count] of Object.entries(outcome.told)) told[what] = (told[what] ?? 0) + count;
    const [breach] = outcome.breaches;
    if (breach !== undefined) broken.push({ seed, ...breach });
  }
  return { happenings, told, broken };
}

process.on("message", async (batch) => {
  process.send?.(await runBatch(batch as Batch));
});
