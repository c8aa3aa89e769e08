import type { UserConfig } from "tsdown";
import { bundledLicences } from "./scripts/bundled-licences.ts";

/** How every package is built: see `tsdown.config.ts` in each. */
export const packageConfig = (options: UserConfig): UserConfig => ({
  platform: "neutral",
  target: "es2023",
  fixedExtension: false,
  dts: true,
  // What is imported from devDependencies is compiled in, and nothing but these may be. Dependencies stay imports.
  deps: { onlyBundle: ["zod", "@noble/hashes"] },
  plugins: [bundledLicences()],
  ...options,
});
