import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** All packages in one run, so that one table shows them all. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("..", import.meta.url)),
    projects: ["packages/*"],
    maxWorkers: 2,
    reporters: ["default"],
    coverage: {
      enabled: true,
      include: ["packages/*/src/**/*.ts"],
      exclude: ["**/*.test.ts", "**/*.test-support.ts"],
      reporter: ["text", "html"],
      reportOnFailure: true,
    },
  },
});
