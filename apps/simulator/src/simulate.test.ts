import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { report, simulate as simulateSeeds } from "./seeds.ts";

const simulate = async (...args: string[]) => {
  const path = fileURLToPath(new URL("simulate.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [path, ...args], { maxBuffer: 1e9 }).catch(
    // It says by its exit code whether all rules hold.
    (error: { stdout: string }) => error,
  );
  return stdout;
};

test("the same seed gives the same trace, byte for byte", async () => {
  for (const seed of ["1", "5", "11"]) {
    const [first, second] = await Promise.all([
      simulate("--seed", seed, "--trace"),
      simulate("--seed", seed, "--trace"),
    ]);
    expect(first.split("\n").length).toBeGreaterThan(50);
    expect(second).toBe(first);
  }
});

// A busy machine may take several times as long as it should, which is some 20 s.
test("2,000 schedules break no rule", { timeout: 300_000 }, async () => {
  const summary = await simulateSeeds({ from: 0, seeds: 2_000, workers: 2 });
  expect(summary.seeds).toBe(2_000);
  expect(summary.broken, report(summary)).toBe(0);
});
