import { existsSync } from "node:fs";
import { configDefaults, defineConfig } from "vitest/config";
import base from "../../vitest.base.ts";

const provider = existsSync("src/auth.ts");

/** The tests that mutants run against: without other processes, browsers and server programs. */
export default defineConfig({
  test: {
    ...base.test,
    root: process.cwd(),
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
    // Many mutants make a test wait for something that never comes.
    testTimeout: 30_000,
  },
});
