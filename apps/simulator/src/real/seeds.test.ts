import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { hasNoRedis } from "../../../../packages/token-cache-core/src/stores/redis/redis-servers.test-support.ts";
import { realStores } from "./plan.ts";

const command = fileURLToPath(new URL("../simulate.ts", import.meta.url));
const run = promisify(execFile);

describe("schedules in real time break no rule", () => {
  for (const store of realStores) {
    // They take some 8 s. A busy machine may take several times as long.
    const isSkipped = store === "redis" && hasNoRedis;
    test(store, { timeout: 120_000, concurrent: true, skip: isSkipped }, async () => {
      const { stdout } = await run(process.execPath, [command, "--store", store, "--seeds", "8"], {
        maxBuffer: 1e9,
      }).catch((error: { stdout: string }) => error);
      expect(stdout).toMatch(/^All rules hold\./);
    });
  }
});

test("without a redis-server it says so in one line", async () => {
  // `npm test` names an empty path where it finds none.
  const env = { PATH: "", REDIS_SERVER: "" };
  const { stderr } = await run(process.execPath, [command, "--store", "redis"], { env });
  expect(stderr).toMatch(/^No redis-server found: [^\n]*\n$/);
});
