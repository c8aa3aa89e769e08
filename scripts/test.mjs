// `npm test`: sets everything up, then lint, type check, the tests of every package and the reference. Ends with one line of counts.
// Arguments go to turbo: `npm test -- --output-logs=full` shows every test, `npm test -- --force` replays nothing.

import { bringPrograms } from "./programs.mjs";
import { setUp } from "./set-up.mjs";
import { clearCounts, readCounts, summary } from "./test-counts.mjs";
import { environment, turbo } from "./workspace.mjs";

await setUp({ build: false }); // turbo builds what the tests need
const programs = await bringPrograms();

clearCounts();
const tasks = [
  "check:style",
  "check:layout",
  "typecheck",
  "typecheck:scripts",
  "test",
  "test:scripts",
  "test:examples",
  "check:package",
  "check:api",
  "bench:quick",
  "docs:api",
];
const options = ["--continue=dependencies-successful", "--log-order=grouped", "--log-prefix=none"];
const { code, interrupted } = await turbo(["run", ...tasks, ...options, ...process.argv.slice(2)], {
  env: { ...environment(), ...programs.variables },
});
if (interrupted) process.exit(130);

const { table, closingLine, total } = summary(readCounts());
console.log(`\n${table}\n\n${closingLine}`);
if (code !== 0) console.log("\nNot passed: something beside or among the tests failed. It is shown above.");
if (!programs.complete && process.env.CI)
  console.log("\nA program that tests need is missing, and CI=true: this is a failure.");

const failed = code !== 0 || total.failed > 0 || total.passed === 0 || (!programs.complete && process.env.CI);
process.exitCode = failed ? 1 : 0;
