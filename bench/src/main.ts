// `pnpm bench`: takes the measures one after another, prints their tables, and writes RESULTS.md.
//   --only NAME    one measure, and those named NAME-…: their parts of RESULTS.md
//   --quick        ours alone, few runs; fails if an exact target is missed
//   --json FILE    the figures as JSON  --list         the measures' names

import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { contenders, ours } from "./clients/contenders.ts";
import { installContenders } from "./clients/install.ts";
import type { Measure, MeasureContext } from "./measure.ts";
import { measures } from "./measures.ts";
import { benchFolder, contendersFolder, versionsIn } from "./packages.ts";
import { MissingProgramError } from "./processes/redis-server.ts";
import { startTokenServer } from "./processes/token-endpoint.ts";
import { asMarkdown, asText, type Taken, withParts } from "./report/report.ts";

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    only: { type: "string", multiple: true },
    json: { type: "string" },
    quick: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});
const { quick } = options;

if (options.list) {
  for (const { name, title } of measures) console.log(`${name.padEnd(16)}${title}`);
  process.exit();
}
for (const name of options.only ?? []) {
  if (measures.some((measure) => isNamed(measure, name))) continue;
  console.error(`There is no measure ${name}. --list shows their names.`);
  process.exit(2);
}
if (!quick) installContenders(progressOf("contenders"));

const server = await startTokenServer();
const taken: Taken[] = [];
for (const measure of measures) {
  const isWanted = options.only?.some((name) => isNamed(measure, name)) ?? true;
  if (!isWanted || (quick && !measure.isQuick)) continue;
  const each = await take(measure, {
    quick,
    contenders: quick ? [ours] : contenders,
    server,
    progress: progressOf(measure.name),
  });
  taken.push(each);
  console.log(asText(each));
}
server.stop();

const circumstances = {
  node: process.versions.node,
  cpus: `${availableParallelism()} CPUs`,
  date: new Date().toISOString().slice(0, 10),
  versions: new Map([...versionsIn(benchFolder), ...(quick ? [] : versionsIn(contendersFolder))].sort()),
};
if (options.json !== undefined) {
  const file = resolve(process.env["INIT_CWD"] ?? ".", options.json);
  const found = taken.map(({ measure: { name }, problem, result }) => ({
    name,
    problem,
    targets: result?.targets,
    data: result?.data,
  }));
  const versions = Object.fromEntries(circumstances.versions);
  writeFileSync(file, JSON.stringify({ ...circumstances, versions, measures: found }, null, 2));
}
const results = resolve(benchFolder, "RESULTS.md");
if (!quick && options.only === undefined) writeFileSync(results, asMarkdown(taken, circumstances));
else if (!quick) writeFileSync(results, withParts(readFileSync(results, "utf8"), taken));

const problems = problemsOf(taken);
for (const problem of problems) console.error(`\n${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

function isNamed(measure: Measure, name: string): boolean {
  return measure.name === name || measure.name.startsWith(`${name}-`);
}

async function take(measure: Measure, context: MeasureContext): Promise<Taken> {
  const began = performance.now();
  context.progress("starts");
  try {
    const result = await measure.run(context);
    context.progress(`took ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    return { measure, result, problem: undefined, isSkipped: false };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { measure, result: undefined, problem, isSkipped: error instanceof MissingProgramError };
  }
}

/** Failed measures; in the quick form also missed targets that noise cannot explain. */
function problemsOf(taken: readonly Taken[]): string[] {
  return taken.flatMap(({ measure: { name }, result, problem, isSkipped }) => [
    ...(problem === undefined || isSkipped ? [] : [`${name} failed: ${problem}`]),
    ...(result?.targets ?? [])
      .filter(({ isExact, isMet }) => quick && isExact && !isMet)
      .map(({ wanted, reached }) => `${name}: the target is ${wanted}; reached: ${reached}`),
  ]);
}

function progressOf(name: string): (text: string) => void {
  return (text) => process.stderr.write(`${name}: ${text}\n`);
}
