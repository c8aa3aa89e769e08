import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSection } from "@x/testing/document-sections";
import { workspaceRoot } from "@x/testing/workspace-copy";
import { describe, expect, test } from "vitest";
import { hasNoRedis } from "../../../packages/token-cache-core/src/stores/redis/redis-servers.test-support.ts";
import { DOCUMENT, targetsText } from "./document.ts";
import { mutants } from "./mutants/mutants.ts";
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

test("docs/fuzzing.md lists the targets and mutants as they are", async () => {
  expect(await readSection(DOCUMENT, "targets")).toBe(targetsText());
  const mutantsText = await readSection(DOCUMENT, "mutants");
  expect(mutants.filter(({ name }) => !mutantsText.includes(`- ${name}:`))).toEqual([]);
});

test.each(mutants)('the code that "$name" changes occurs once', ({ changes }) => {
  for (const { file, code } of changes) {
    const source = readFileSync(join(workspaceRoot, "packages", file), "utf8");
    expect(source.split(code), `${file}: ${code}`).toHaveLength(2);
  }
});
