import { existsSync } from "node:fs";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer } from "vitest/node";
import base from "../../vitest.base.ts";

const provider = existsSync("src/auth.ts");

/** The first test that fails ends the run, so a source's own tests come first, then the other files, short ones first. */
class OwnTestsFirst extends BaseSequencer {
  /** @override @param {import("vitest/node").TestSpecification[]} files */
  async sort(files) {
    const shortFirst = (await super.sort(files)).reverse();
    const isOwn = ({ moduleId }) => existsSync(moduleId.replace(".test.ts", ".ts"));
    return [...shortFirst.filter(isOwn), ...shortFirst.filter((file) => !isOwn(file))];
  }
}

/** The tests that mutants run against: without slow ones, other processes, browsers and server programs. */
export default defineConfig({
  test: {
    ...base.test,
    root: process.cwd(),
    include: [`${process.env.MUTATION_TESTS}/**/*.test.ts`],
    exclude: [
      ...configDefaults.exclude,
      "src/**/*.processes.test.ts",
      "src/**/{browser,process-exit,readme,scale}.test.ts",
      ...(provider ? ["src/{api,api-refusing-all,auth}.test.ts"] : ["src/{stores,testing}/**"]),
    ],
    // A provider loads these with its first response. Stryker would count them as code of the first test only, so they
    // are loaded before the tests.
    setupFiles: provider ? ["src/schemas.ts"] : [],
    reporters: [],
    // To start a worker for each test file would take longer than most tests.
    isolate: false,
    sequence: { sequencer: OwnTestsFirst },
    tags: [{ name: "slow", skip: true }],
    // Many mutants make a test wait for something that never comes. Such a test ends here, before Stryker ends the whole
    // test runner and starts another one.
    testTimeout: 10_000,
    hookTimeout: 10_000,
    expect: { poll: { timeout: 8_000 } },
  },
});
