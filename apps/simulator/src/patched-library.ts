// Preloaded in a worker process: runs core's sources in place of its built package, with one mutant's patch on them.

import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import type { Mutant } from "./mutants/mutant.ts";
import { mutants } from "./mutants.ts";

const core = new URL("../../../packages/token-cache-core/", import.meta.url);

/** A mutated file; the file as it is where the patch is of another one. */
export function patched(file: string, source: string, { name, file: mutatedFile, search, replace }: Mutant): string {
  if (file !== mutatedFile) return source;
  const parts = source.split(search);
  if (parts.length !== 2) {
    throw new Error(`The mutant "${name}" finds its text ${parts.length - 1} times in ${file}: write it anew.`);
  }
  return parts.join(replace);
}

/** A file of core's sources. */
export function coreSource(file: string): string {
  return readFileSync(new URL(`src/${file}`, core), "utf8");
}

const name = process.env["MUTANT"];
if (name !== undefined && process.send !== undefined) {
  const mutant = mutants.find((each) => each.name === name);
  const { exports } = JSON.parse(readFileSync(new URL("package.json", core), "utf8"));
  const entries = new Map(
    Object.entries<{ default: string }>(exports).map(([path, { default: built }]) => [
      `@x/token-cache-core${path.slice(1)}`,
      new URL(built.replace("./dist/", "src/").replace(/\.js$/, ".ts"), core).href,
    ]),
  );
  const sources = new URL("src/", core).href;
  registerHooks({
    resolve(specifier, context, next) {
      return next(entries.get(specifier) ?? specifier, context);
    },
    load(url, context, next) {
      if (!url.startsWith(sources) || mutant === undefined) return next(url, context);
      const file = url.slice(sources.length);
      return { format: "module-typescript", source: patched(file, coreSource(file), mutant), shortCircuit: true };
    },
  });
}
