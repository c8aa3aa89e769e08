import { spawnSync } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { root } from "./workspace.mjs";

let folder;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "import-circles-"));
  copyFileSync(join(root, "biome.json"), join(folder, "biome.json"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs the style check with this repository's settings. */
function checkStyle(files) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const args = ["check", "--error-on-warnings", "--vcs-enabled=false", "."];
  return spawnSync(join(root, "node_modules/.bin/biome"), args, { cwd: folder, encoding: "utf8" });
}

test("the style check fails on two files that import each other, even if only types", () => {
  const { status, stderr } = checkStyle({
    "chicken.ts": 'import type { Egg } from "./egg.ts";\n\nexport interface Chicken {\n  lays: Egg;\n}\n',
    "egg.ts": 'import type { Chicken } from "./chicken.ts";\n\nexport interface Egg {\n  from: Chicken;\n}\n',
  });
  expect(stderr).toContain("noImportCycles");
  expect(status).toBe(1);
});

test("the style check passes where the arrow goes one way", () => {
  const { status } = checkStyle({
    "chicken.ts": 'import type { Egg } from "./egg.ts";\n\nexport interface Chicken {\n  lays: Egg;\n}\n',
    "egg.ts": "export interface Egg {\n  weight: number;\n}\n",
  });
  expect(status).toBe(0);
});
