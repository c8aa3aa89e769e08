// `pnpm mutate [path …]`: changes the sources in small ways, and checks whether a test fails. Writes docs/mutation.md.
// A path, for instance packages/token-cache-core/src/time, limits the run. It goes folder by folder and keeps the
// results of each: an interrupted run continues there, and a mutant runs again only if its source or its tests changed.

import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { providers } from "../providers.ts";
import { findPnpm, setUp } from "../set-up.mjs";
import { environment, giveUp, readJson, root, run } from "../workspace.mjs";
import { mutationReport, readReport } from "./report.mjs";

/** The code without effects: core without its stores and test doubles, and each provider without `auth.ts`. */
const sources = {
  "packages/token-cache-core": [
    "src/*.ts",
    "src/{cache,contract,credentials,fetch,opentelemetry,options,provider,rate-limit,time}/**/*.ts",
  ],
  ...Object.fromEntries(providers.map(({ name }) => [`packages/${name}`, ["src/!(auth).ts"]])),
};
/** Rooms that the tests of other rooms use. All tests run against them; against another room's mutants, its own tests. */
const usedEverywhere = ["src", "src/contract", "src/credentials", "src/options", "src/provider"];
const notMutated = ["**/index.ts", "**/*.test.ts", "**/*.test-support.ts"];

const project = import.meta.dirname;
const reportFile = join(root, "docs/mutation.md");
const resultsFolder = join(root, "node_modules/.cache/mutation");
const resultsFile = (folder) => join(resultsFolder, `${folder.split("/").at(-1)}.json`);
/** The measured files, each with its source at that time. Stryker's results leave out a file without mutants. */
const measuredFile = (folder) => join(resultsFolder, `${folder.split("/").at(-1)}.measured.json`);
const readIfThere = (file) => (existsSync(file) ? readJson(file) : {});
const readSource = (folder, file) => readFileSync(join(root, folder, file), "utf8");

const wanted = process.argv.slice(2).map((path) => relative(root, resolve(process.env.INIT_CWD ?? ".", path)));
await setUp({ build: true });
await install();
mkdirSync(resultsFolder, { recursive: true });

for (const folder of Object.keys(sources)) {
  const isWanted = (file) => wanted.length === 0 || wanted.some((path) => join(folder, file).startsWith(path));
  const rooms = Map.groupBy(filesOf(folder).filter(isWanted), dirname);
  for (const [room, files] of rooms) {
    await mutate(folder, room, files);
    writeReport();
  }
}
console.log(writeReport());

function filesOf(folder) {
  return sources[folder]
    .flatMap((pattern) => globSync(pattern, { cwd: join(root, folder), exclude: notMutated }))
    .sort();
}

function writeReport() {
  const earlier = readReport(readFileSync(reportFile, "utf8"));
  const packages = Object.keys(sources).map((folder) => {
    const { files: results = {} } = readIfThere(resultsFile(folder));
    const measured = readIfThere(measuredFile(folder));
    const files = filesOf(folder).map((file) => ({
      file,
      mutants: file in measured ? (results[file]?.mutants ?? []) : earlier.get(join(folder, file)),
      isCurrent: measured[file] === readSource(folder, file),
    }));
    return { folder, files };
  });
  const report = mutationReport(packages);
  writeFileSync(reportFile, report);
  return report;
}

/** Stryker and its hundred packages are not part of the workspace: only this command needs them. */
async function install() {
  const { code, output } = await run(await findPnpm(), ["install", "--frozen-lockfile"], {
    stdio: "collect",
    cwd: project,
  });
  if (code !== 0) giveUp("Stryker could not be installed. Is the npm registry reachable? Then run it again.", output);
}

async function mutate(folder, room, files) {
  console.log(`\n${join(folder, room)}: ${files.length} files`);
  const measured = Object.fromEntries(files.map((file) => [file, readSource(folder, file)]));
  const stryker = join(project, "node_modules/@stryker-mutator/core/bin/stryker.js");
  const args = [stryker, "run", join(project, "stryker.config.mjs"), "--mutate", files.join()];
  args.push("--incrementalFile", resultsFile(folder));
  const [src, topFolder] = room.split("/");
  const tests = usedEverywhere.includes(room) ? src : join(src, topFolder ?? "");
  // Without these programs, the tests that need them skip themselves.
  const without = { REDIS_SERVER: "", CHROMIUM: "" };
  // Each mutant gets a new worker, which loads Vitest again.
  const NODE_COMPILE_CACHE = join(resultsFolder, "compiled");
  const env = { ...environment(), ...without, NODE_COMPILE_CACHE, MUTATION_TESTS: tests };
  const { code, interrupted } = await run(process.execPath, args, { cwd: join(root, folder), env });
  if (interrupted) process.exit(130);
  if (code !== 0) giveUp(`The mutation test of ${folder} failed: the reason is above.`);
  writeFileSync(measuredFile(folder), JSON.stringify({ ...readIfThere(measuredFile(folder)), ...measured }));
}
