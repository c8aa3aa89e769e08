import type { UserConfig } from "tsdown";
import { bundledPackages } from "./scripts/bundled-packages.ts";

/** How every package is built: see `tsdown.config.ts` in each. */
export const packageConfig = (options: UserConfig): UserConfig => ({
  platform: "neutral",
  target: "es2023",
  fixedExtension: false,
  dts: true,
  // The declarations name `Symbol.asyncDispose`, which is in no `lib` that a program has by default.
  banner: { dts: '/// <reference lib="esnext.disposable" />' },
  // What is imported from devDependencies is compiled in, and nothing but these may be. Dependencies stay imports.
  deps: { onlyBundle: ["zod", "@noble/hashes"] },
  outputOptions: {
    // Node takes longer to find a file than to compile it: what several entries share is one file.
    codeSplitting: { groups: [{ name: "shared", test: /(?<!\.d)\.ts$/, minShareCount: 2 }] },
    // The documentation is in the types.
    comments: { jsdoc: false },
  },
  plugins: [bundledPackages()],
  ...options,
});
