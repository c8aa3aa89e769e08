// pnpm simulate: runs schedules, each from one seed, and says which rules they break. In virtual time, unless `--store`
// names a store that runs outside of it.

import { parseArgs } from "node:util";
import { writeSummary } from "./document.ts";
import { drawPlans } from "./draw-plans.ts";
import { runMutants } from "./mutation.ts";
import type { Plan } from "./plan.ts";
import { realStores } from "./real/plan.ts";
import { simulateRealStore } from "./real/seeds.ts";
import { run } from "./run.ts";
import { report, simulate } from "./seeds.ts";
import { shrink } from "./shrink.ts";
import { describePlan } from "./trace.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    trace: { type: "boolean" },
    shrink: { type: "boolean" },
    mutants: { type: "boolean" },
    only: { type: "string" },
    workers: { type: "string" },
    write: { type: "boolean" },
    store: { type: "string" },
  },
});

const workers = numberOf("workers", values.workers) ?? 2;
const seed = numberOf("seed", values.seed);
if (values.store !== undefined) await realStore(values.store);
else if (values.mutants) await everyMutant();
else if (seed === undefined) await manySeeds();
else for (const plan of drawPlans(seed)) await onePlan(plan);

async function manySeeds(): Promise<void> {
  const summary = await simulate({
    from: numberOf("from", values.from) ?? 0,
    seeds: numberOf("seeds", values.seeds) ?? 2_000,
    workers,
  });
  console.log(report(summary));
  if (values.write) await writeSummary(summary);
  process.exitCode = summary.broken > 0 ? 1 : 0;
}

async function everyMutant(): Promise<void> {
  const { only, write } = values;
  const seeds = numberOf("seeds", values.seeds) ?? 10_000;
  process.exitCode = (await runMutants({ workers, seeds, only, write })) ? 0 : 1;
}

async function realStore(name: string): Promise<void> {
  const store = realStores.find((each) => each === name);
  if (store === undefined) {
    console.error(`--store takes ${realStores.join(" or ")}, got ${name}. Without it, the store is in memory.`);
    process.exit(2);
  }
  const seeds = seed === undefined ? (numberOf("seeds", values.seeds) ?? 40) : 1;
  const from = seed ?? numberOf("from", values.from) ?? 0;
  process.exitCode = (await simulateRealStore(store, from, seeds)) ? 0 : 1;
}

async function onePlan(drawn: Plan): Promise<void> {
  const [breach] = (await run(drawn)).breaches;
  const plan = values.shrink && breach !== undefined ? await shrink(drawn, breach.rule) : drawn;
  console.log(describePlan(plan));
  const lines: string[] = [];
  const { breaches } = await run(plan, (line) => lines.push(line));
  // Up to the first breach: what follows is its consequence.
  const [first] = breaches;
  if (values.trace || values.shrink) {
    for (const line of values.shrink && first !== undefined ? lines.slice(0, first.traceLength) : lines)
      console.log(line);
  }
  for (const { rule, at, what } of breaches.slice(0, 20)) console.log(`BROKEN at ${at / 1_000} s  ${rule}: ${what}`);
  if (breaches.length === 0) console.log("All rules hold.");
  if (breaches.length > 0) process.exitCode = 1;
}

function numberOf(name: string, text: string | undefined): number | undefined {
  const number = text === undefined ? undefined : Number(text);
  if (number === undefined || (Number.isSafeInteger(number) && number >= 0)) return number;
  console.error(`--${name} takes a whole number, got ${text}.`);
  process.exit(2);
}
