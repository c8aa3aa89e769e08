// How many tests passed: each package's test run leaves a file, which turbo keeps and restores with a cached run.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { readJson, root } from "./workspace.mjs";

/** In a package's folder. Written by count-reporter.mjs, named as an output of the test tasks in turbo.json. */
export const countsFile = ".turbo/test-counts.json";

const countsFiles = () =>
  ["", "packages", "apps"]
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name, countsFile)))
    .filter((file) => existsSync(file));

/** Removes the counts of earlier runs: a package whose tests do not run this time must not count. */
export function clearCounts() {
  for (const file of countsFiles()) rmSync(file);
}

/** @returns {{ name: string, passed: number, failed: number, skipped: number, durationMs: number }[]} */
export const readCounts = () => countsFiles().map(readJson);

export function summary(counts) {
  const sum = (key) => counts.reduce((total, count) => total + count[key], 0);
  const total = { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
  const width = Math.max(0, ...counts.map(({ name }) => name.length));
  const rows = counts.map(
    (count) => `  ${count.name.padEnd(width)}  ${inWords(count)}  (${(count.durationMs / 1000).toFixed(1)} s)`,
  );
  return { table: rows.join("\n"), closingLine: inWords(total), total };
}

const inWords = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
