// pnpm fuzz: gives hostile input to everything that takes input from outside, and shrinks what breaks a rule.

import { parseArgs } from "node:util";
import { writeOutcomes, writeVerdicts } from "./document.ts";
import { runMutants } from "./mutants/run-mutants.ts";
import { type Outcome, runTarget } from "./run.ts";
import { targets } from "./targets.ts";

const { values } = parseArgs({
  allowNegative: true,
  options: {
    seconds: { type: "string" },
    runs: { type: "string" },
    seed: { type: "string" },
    path: { type: "string" },
    only: { type: "string", multiple: true },
    mutants: { type: "boolean" },
    write: { type: "boolean" },
    shrink: { type: "boolean", default: true },
  },
});

if (values.write && values.only !== undefined) {
  console.error("--write keeps the result of all targets or mutants: leave out --only.");
  process.exit(2);
}
if (values.mutants) {
  const verdicts = await runMutants(values.only, 1);
  if (values.write) await writeVerdicts(verdicts);
  process.exit(verdicts.length > 0 && verdicts.every(({ isFound }) => isFound) ? 0 : 1);
}

const chosen = targets.filter(({ name }) => values.only === undefined || values.only.includes(name));
if (chosen.length === 0) {
  console.error(
    `There is no such target. They are:\n${targets.map(({ name, rule }) => `  ${name}: ${rule}`).join("\n")}`,
  );
  process.exit(2);
}

const seed = numberOf("seed", values.seed) ?? Math.floor(Math.random() * 2 ** 31);
const runs = numberOf("runs", values.runs);
const seconds = numberOf("seconds", values.seconds) ?? (runs === undefined ? 60 : undefined);
console.log(`Seed ${seed}.`);

const outcomes: Outcome[] = [];
for (const target of chosen) {
  const limit = seconds === undefined ? undefined : seconds / chosen.length;
  const outcome = await runTarget(target, { seed, runs, seconds: limit, path: values.path, shrinks: values.shrink });
  outcomes.push(outcome);
  const effort = `${outcome.runs} runs, ${outcome.seconds.toFixed(1)} s`;
  console.log(`${outcome.failure === undefined ? "holds " : "BROKEN"}  ${target.name}  (${effort})`);
  if (outcome.failure !== undefined) console.log(`\n${target.rule}\n${outcome.failure}\n`);
}
if (values.write) await writeOutcomes(outcomes, seed);
process.exitCode = outcomes.some(({ failure }) => failure !== undefined) ? 1 : 0;

function numberOf(name: string, text: string | undefined): number | undefined {
  const number = text === undefined ? undefined : Number(text);
  if (number === undefined || (Number.isFinite(number) && number >= 0)) return number;
  console.error(`--${name} takes a number, got ${text}.`);
  process.exit(2);
}
