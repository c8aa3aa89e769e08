import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** How every package's tests run: see `vitest.config.ts` in each. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts"],
    pool: "forks",
    execArgv: ["--unhandled-rejections=strict"],
    maxWorkers: 2,
    // For what hangs. A machine that is busy may take several times as long as it should.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    expect: { poll: { timeout: 20_000 } },
    // A test that takes more than a second. Mutation tests leave it out: they run each test hundreds of times.
    tags: [{ name: "slow", timeout: 120_000 }],
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    reporters: ["default", fileURLToPath(new URL("scripts/count-reporter.mjs", import.meta.url))],
  },
});
