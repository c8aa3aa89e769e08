import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** How every package's tests run: see `vitest.config.ts` in each. */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts"],
    pool: "forks",
    execArgv: ["--unhandled-rejections=strict"],
    maxWorkers: 2,
    testTimeout: 10_000,
    hookTimeout: 10_000,
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    reporters: ["default", fileURLToPath(new URL("scripts/count-reporter.mjs", import.meta.url))],
  },
});
