import { expect, test } from "vitest";
import { count } from "./count-reporter.mjs";
import { summary } from "./test-counts.mjs";

const testModule = (state, ...results) => ({
  state: () => state,
  children: { allTests: () => results.map((result) => ({ result: () => ({ state: result }) })) },
});

test("tests are counted over all files", () => {
  const modules = [testModule("passed", "passed", "skipped"), testModule("failed", "passed", "failed")];
  expect(count(modules, [])).toEqual({ passed: 2, failed: 1, skipped: 1 });
});

test("a file that could not be loaded counts as one failed test", () => {
  expect(count([testModule("failed")], [])).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("an unhandled error counts as a failed test although every test passed", () => {
  expect(count([testModule("passed", "passed")], [new Error("late")])).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test("the closing line sums all packages and names skipped tests only if there are any", () => {
  const one = { name: "packages/one", passed: 2, failed: 0, skipped: 0, durationMs: 1200 };
  const two = { name: "packages/three", passed: 3, failed: 1, skipped: 4, durationMs: 300 };
  expect(summary([one]).closingLine).toBe("2 passed, 0 failed");
  expect(summary([one, two]).closingLine).toBe("5 passed, 1 failed, 4 skipped");
  expect(summary([one, two]).table).toBe(
    "  packages/one    2 passed, 0 failed  (1.2 s)\n  packages/three  3 passed, 1 failed, 4 skipped  (0.3 s)",
  );
});

test("no run at all does not pass", () => {
  expect(summary([])).toMatchObject({ closingLine: "0 passed, 0 failed", total: { passed: 0 } });
});
