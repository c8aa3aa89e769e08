// `pnpm bench`: takes the measures one after another, prints their tables, and writes RESULTS.md.
//   --only NAME    one measure          --quick        ours alone, few runs; fails on what noise cannot explain
//   --json FILE    the figures as JSON  --list         the measures' names

import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { MeasureContext } from "./measure.ts";
import { measures } from "./measures.ts";
import { MissingProgramError } from "./redis-server.ts";
import { asMarkdown, asText, type Taken } from "./report.ts";
import { startTokenServer } from "./token-endpoint.ts";
import { versions } from "./versions.ts";

const { values: options } = parseArgs({
  args: process.argv.slice(2).filter((argument) => argument !== "--"),
  options: {
    only: { type: "string", multiple: true },
    json: { type: "string" },
    quick: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

if (options.list) {
  for (const { name, title } of measures) console.log(`${name.padEnd(16)}${title}`);
  process.exit();
}
for (const name of options.only ?? []) {
  if (measures.some((measure) => measure.name === name)) continue;
  console.error(`There is no measure ${name}. --list names them.`);
  process.exit(2);
}

const wanted = measures.filter(
  ({ name, isQuick }) => (options.only?.includes(name) ?? true) && (isQuick || !options.quick),
);
const server = await startTokenServer();
const taken: Taken[] = [];
for (const measure of wanted) {
  const each = await take(measure);
  taken.push(each);
  console.log(asText(each));
}
server.stop();

const circumstances = {
  node: process.versions.node,
  cpus: `${availableParallelism()} CPUs`,
  date: new Date().toISOString().slice(0, 10),
  versions: versions(),
};
if (options.json !== undefined) {
  const file = resolve(process.env["INIT_CWD"] ?? ".", options.json);
  const { versions, ...where } = circumstances;
  const found = taken.map(({ measure, result, problem }) => ({
    name: measure.name,
    problem,
    targets: result?.targets,
    data: result?.data,
  }));
  writeFileSync(file, JSON.stringify({ ...where, versions: Object.fromEntries(versions), measures: found }, null, 2));
}
if (!options.quick && options.only === undefined) {
  writeFileSync(new URL("../RESULTS.md", import.meta.url), asMarkdown(taken, circumstances));
}
process.exitCode = isAsItMustBe(taken) ? 0 : 1;

async function take(measure: (typeof measures)[number]): Promise<Taken> {
  const began = performance.now();
  const context: MeasureContext = {
    quick: options.quick,
    server,
    progress: (text) => process.stderr.write(`${measure.name}: ${text}\n`),
  };
  context.progress("begins");
  try {
    const result = await measure.run(context);
    context.progress(`took ${((performance.now() - began) / 1_000).toFixed(1)} s`);
    return { measure, result, problem: undefined, isLeftOut: false };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { measure, result: undefined, problem, isLeftOut: error instanceof MissingProgramError };
  }
}

/** The whole run only tells; the quick one judges, by what noise cannot explain. */
function isAsItMustBe(taken: readonly Taken[]): boolean {
  if (!options.quick) return taken.every(({ problem, isLeftOut }) => problem === undefined || isLeftOut);
  const missed = taken.flatMap(({ measure, result, problem, isLeftOut }) => [
    ...(problem === undefined || isLeftOut ? [] : [`${measure.name} could not be taken: ${problem}`]),
    ...(result?.targets ?? [])
      .filter(({ isExact, isMet }) => isExact && !isMet)
      .map(({ wanted, reached }) => `${measure.name}: wanted ${wanted}, got ${reached}`),
  ]);
  for (const each of missed) console.error(`\n${each}`);
  return missed.length === 0;
}
