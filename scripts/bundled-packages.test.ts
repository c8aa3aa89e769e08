import { expect, test } from "vitest";
import { packageFolder, sbom } from "./bundled-packages.ts";

test("a module's package is the last one on its path", () => {
  expect(packageFolder("/r/node_modules/.pnpm/zod@4.0.0/node_modules/zod/v4/core.js")).toBe(
    "/r/node_modules/.pnpm/zod@4.0.0/node_modules/zod",
  );
  expect(packageFolder("/r/node_modules/@noble/hashes/sha2.js")).toBe("/r/node_modules/@noble/hashes");
});

test("the package's own sources are of no other package", () => {
  expect(packageFolder("/r/packages/token-cache-core/src/index.ts")).toBeUndefined();
});

test("the SBOM names the package that was built and what is compiled into it", () => {
  const made = { name: "@x/core", version: "1.2.3", license: "MIT" };
  const zod = { name: "zod", version: "4.0.0", license: "MIT" };
  expect(sbom(made, [zod])).toMatchObject({
    bomFormat: "CycloneDX",
    metadata: { component: { name: "@x/core", version: "1.2.3", purl: "pkg:npm/%40x/core@1.2.3" } },
    components: [{ name: "zod", version: "4.0.0", purl: "pkg:npm/zod@4.0.0", licenses: [{ license: { id: "MIT" } }] }],
    dependencies: [{ ref: "pkg:npm/%40x/core@1.2.3", dependsOn: ["pkg:npm/zod@4.0.0"] }],
  });
});
