// How Stryker mutates the package in its working directory.

import { join } from "node:path";

export default {
  testRunner: "vitest",
  plugins: [import.meta.resolve("@stryker-mutator/vitest-runner")],
  // Stryker knows the tests that reach a mutant, so Vitest need not look for the tests that import its file.
  vitest: { configFile: join(import.meta.dirname, "vitest.config.mjs"), related: false },
  // Tests check what a text says, not its every word.
  mutator: { excludedMutations: ["StringLiteral"] },
  // Code that runs when a file is loaded concerns every test: each such mutant would need a run of all tests.
  ignoreStatic: true,
  // As deep below the root as a package, so that `../..` leads to the root from there, too.
  tempDirName: join(import.meta.dirname, "../../.stryker-tmp"),
  // Stryker would adapt the relative paths of a tsconfig.json that it finds.
  tsconfigFile: "none",
  incremental: true,
  reporters: ["clear-text"],
  clearTextReporter: { logTests: false, reportTests: false },
  concurrency: Number(process.env.MUTATION_CONCURRENCY ?? 2),
  timeoutMS: 15_000,
  dryRunTimeoutMinutes: 10,
};
