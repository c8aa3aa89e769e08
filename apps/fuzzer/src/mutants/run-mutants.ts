// Takes protections out of a copy of the sources, one at a time: the fuzzer has to find each.

import { spawn } from "node:child_process";
import { globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copyWorkspace, workspaceRoot } from "@x/testing/workspace-copy";
import { type Mutant, mutants } from "./mutants.ts";

export interface Verdict {
  readonly mutant: Mutant;
  readonly isFound: boolean;
}

/** Runs all mutants, or those with the given names. Prints a line for each. */
export async function runMutants(only: readonly string[] | undefined, seed: number): Promise<Verdict[]> {
  const packages = globSync("packages/*", { cwd: workspaceRoot });
  const copy = copyWorkspace([...packages, "apps/fuzzer", "testing"]);
  const chosen = mutants.filter(({ name }) => only === undefined || only.includes(name));
  const verdicts: Verdict[] = [];
  try {
    for (const folder of packages) exportSources(join(copy, folder, "package.json"));
    for (const target of new Set(chosen.map(({ target }) => target))) {
      const { isBroken, text } = await fuzz(copy, target, seed, ["--runs", "200"]);
      if (isBroken) throw new Error(`${target} is broken without any mutant:\n${text}`);
    }
    for (const mutant of chosen) {
      const restore = apply(mutant, copy);
      const began = performance.now();
      const { isBroken: isFound } = await fuzz(copy, mutant.target, seed, ["--seconds", "20"]);
      restore();
      verdicts.push({ mutant, isFound });
      const seconds = ((performance.now() - began) / 1_000).toFixed(1);
      console.log(`${isFound ? "found " : "MISSED"}  ${mutant.name}, by ${mutant.target} (${seconds} s)`);
    }
  } finally {
    rmSync(copy, { recursive: true });
  }
  return verdicts;
}

/** Node runs the sources as they are: nothing has to be built for each mutant. */
function exportSources(manifestFile: string): void {
  const manifest = JSON.parse(readFileSync(manifestFile, "utf8"));
  const exports = JSON.stringify(manifest.exports).replaceAll(/\.\/dist\/([^"]+?)\.js"/g, './src/$1.ts"');
  writeFileSync(manifestFile, JSON.stringify({ ...manifest, exports: JSON.parse(exports) }));
}

/** @throws unless the code to change is there exactly once */
function apply({ name, changes }: Mutant, copy: string): () => void {
  const originals = changes.map(({ file, code, becomes }) => {
    const path = join(copy, "packages", file);
    const original = readFileSync(path, "utf8");
    const occurrences = original.split(code).length - 1;
    if (occurrences !== 1) throw new Error(`${name}: ${file} has this ${occurrences} times, not once:\n${code}`);
    writeFileSync(
      path,
      original.replace(code, () => becomes),
    );
    return { path, original };
  });
  return () => {
    for (const { path, original } of originals.reverse()) writeFileSync(path, original);
  };
}

/** A mutant that blocks the event loop forever counts as found, too. */
const LIMIT_MS = 150_000;

function fuzz(
  copy: string,
  target: string,
  seed: number,
  extent: readonly string[],
): Promise<{ isBroken: boolean; text: string }> {
  const args = ["src/main.ts", "--only", target, ...extent, "--seed", String(seed), "--no-shrink"];
  const child = spawn(process.execPath, args, {
    cwd: join(copy, "apps/fuzzer"),
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ isBroken: code !== 0, text }));
  });
}
