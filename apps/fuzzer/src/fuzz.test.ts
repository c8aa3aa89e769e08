import { describe, expect, test } from "vitest";
import { hasNoRedis } from "../../../packages/token-cache-core/src/stores/redis/redis-servers.test-support.ts";
import { runTarget } from "./run.ts";
import { targets } from "./targets.ts";

/** The short form is the same each time; `pnpm fuzz` draws another seed. */
const SEED = 1;

describe.each(targets)("$name", (target) => {
  test.skipIf(target.name === "redis-values" && hasNoRedis)(
    target.rule,
    async () => {
      const { failure } = await runTarget(target, { seed: SEED, runs: target.shortRuns });
      expect(failure).toBeUndefined();
    },
    120_000,
  );
});
