import { expect, test } from "vitest";
import { packageFolder } from "./bundled-licences.ts";

test("a module's package is the last one on its path", () => {
  expect(packageFolder("/r/node_modules/.pnpm/zod@4.0.0/node_modules/zod/v4/core.js")).toBe(
    "/r/node_modules/.pnpm/zod@4.0.0/node_modules/zod",
  );
  expect(packageFolder("/r/node_modules/@noble/hashes/sha2.js")).toBe("/r/node_modules/@noble/hashes");
});

test("the package's own sources are of no other package", () => {
  expect(packageFolder("/r/packages/token-cache-core/src/index.ts")).toBeUndefined();
});
