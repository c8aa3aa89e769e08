import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const PROGRAMS = ["bin/node", "bin/bun", "bin/deno", "deno", "bin/workerd"];

/**
 * The program of a runtime's package, or of the platform package for this machine. If there is none: `undefined`, and
 * one line that says so.
 */
export function findProgram(name: string): string | undefined {
  const require = createRequire(import.meta.url);
  const folders = folderOf(require, name).flatMap((folder) => {
    const nested = createRequire(join(folder, "package.json"));
    const { optionalDependencies = {} } = nested("./package.json") as { optionalDependencies?: object };
    return [...Object.keys(optionalDependencies).flatMap((each) => folderOf(nested, each)), folder];
  });
  const program = folders.flatMap((folder) => PROGRAMS.map((each) => join(folder, each))).find(existsSync);
  if (program === undefined) {
    console.warn(`${name} is not there for ${process.platform}-${process.arch}: its tests are skipped.`);
  }
  return program;
}

function folderOf(require: NodeJS.Require, name: string): string[] {
  try {
    return [dirname(require.resolve(`${name}/package.json`))];
  } catch {
    return [];
  }
}

/** On the platform that has all runtimes, a missing one is a failure, not a skipped test. */
export function mustBeThere(): boolean {
  return process.env["CI"] === "true" && process.platform === "linux" && process.arch === "x64";
}
