// What it takes to import one module in a process that has loaded nothing: time, with the touch of `Request` that any
// fetch pays sooner or later, or the files that Node reads.

import { registerHooks } from "node:module";

export interface ImportInput {
  /** None: the touch alone. */
  readonly module?: string;
  readonly counts: boolean;
}

export interface ImportResult {
  readonly importMs: number;
  /** Import and touch. */
  readonly wholeMs: number;
  readonly files: number;
}

const { module, counts } = JSON.parse(process.argv[2] ?? "{}") as ImportInput;
const files = new Set<string>();
if (counts) {
  registerHooks({
    load(url, context, nextLoad) {
      if (url.startsWith("file:")) files.add(url);
      return nextLoad(url, context);
    },
  });
}
const began = performance.now();
if (module !== undefined) await import(module);
const imported = performance.now();
void globalThis.Request;
const touched = performance.now();
const result: ImportResult = { importMs: imported - began, wholeMs: touched - began, files: files.size };
process.send?.({ result }, () => process.exit());
