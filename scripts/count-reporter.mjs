// A vitest reporter that writes a package's counts to a file, for the sum at the end of `npm test`.

import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { countsFile } from "./test-counts.mjs";
import { root } from "./workspace.mjs";

export default class CountReporter {
  #began = Date.now();
  #folder = process.cwd();

  onInit(vitest) {
    this.#folder = vitest.config.root;
  }

  onTestRunStart() {
    this.#began = Date.now();
  }

  onTestRunEnd(testModules, unhandledErrors) {
    const file = join(this.#folder, countsFile);
    const name = relative(root, this.#folder);
    mkdirSync(dirname(file), { recursive: true });
    const counts = count(testModules, unhandledErrors);
    writeFileSync(file, JSON.stringify({ name, ...counts, durationMs: Date.now() - this.#began }));
  }
}

/** A file that could not be loaded counts as a failed test. So does an error outside every test. */
export function count(testModules, unhandledErrors) {
  const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const testModule of testModules) {
    const failedBefore = counts.failed;
    for (const test of testModule.children.allTests()) counts[test.result().state]++;
    if (testModule.state() === "failed" && counts.failed === failedBefore) counts.failed++;
  }
  return counts;
}
