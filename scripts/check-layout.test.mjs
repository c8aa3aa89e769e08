import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { layoutProblems } from "./check-layout.mjs";
import { olderFieldsOf, originOf } from "./package-metadata.mjs";

const repository = { type: "git", url: "git+https://github.com/someone/tokens.git" };

let workspace;
beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), "check-layout-"));
  write("package.json", JSON.stringify({ repository }));
  core({});
  provider("iamport-auth");
  provider("naver-commerce-auth", ["signature.ts"]);
});
afterEach(() => rmSync(workspace, { recursive: true }));

test("a workspace with the right layout has no problem", async () => {
  expect(await layoutProblems(workspace)).toEqual([]);
});

test("a file that only one provider has is named, tests beside the sources are not", async () => {
  write("packages/iamport-auth/src/envelope.ts", "");
  write("packages/iamport-auth/src/auth.test.ts", "");
  expect(await layoutProblems(workspace)).toEqual([
    "src/envelope.ts is missing in naver-commerce-auth, while iamport-auth has it: all providers have the same files.",
  ]);
});

test("a file that all providers have is allowed", async () => {
  write("packages/iamport-auth/src/refusal.ts", "");
  write("packages/naver-commerce-auth/src/refusal.ts", "");
  expect(await layoutProblems(workspace)).toEqual([]);
});

test("a file that every provider must have is named, although none has it", async () => {
  rmSync(join(workspace, "packages/iamport-auth/src/auth.ts"));
  rmSync(join(workspace, "packages/naver-commerce-auth/src/auth.ts"));
  rmSync(join(workspace, "packages/naver-commerce-auth/src/signature.ts"));
  expect(await layoutProblems(workspace)).toEqual([
    "packages/naver-commerce-auth/src/signature.ts is missing.",
    "src/auth.ts is missing in iamport-auth, naver-commerce-auth: all providers have the same files.",
  ]);
});

test("core imports Node's modules only where only Node runs, and names no provider", async () => {
  write("packages/token-cache-core/src/stores/sqlite.ts", 'import { DatabaseSync } from "node:sqlite";');
  write("packages/token-cache-core/src/clock.test.ts", 'import fs from "node:fs"; // naver');
  write("packages/token-cache-core/src/clock.ts", '// as Naver does\nimport fs from "node:fs";');
  expect(await layoutProblems(workspace)).toEqual([
    'packages/token-cache-core/src/clock.ts:1 says "Naver": core knows no provider by name.',
    "packages/token-cache-core/src/clock.ts:2 imports node:fs: core runs where Node's modules don't exist.",
  ]);
});

test("core's lower rooms import nothing from a higher one, types included", async () => {
  write("packages/token-cache-core/src/sha256.ts", 'import { wait } from "./time/clock.ts";');
  write("packages/token-cache-core/src/time/clock.ts", 'import type { TokenStore } from "../contract/token-store.ts";');
  write("packages/token-cache-core/src/contract/token-store.ts", 'export type { Entry } from "../cache/entry.ts";');
  write("packages/token-cache-core/src/cache/entry.ts", 'const auth = await import("../provider/auth.ts");');
  write("packages/token-cache-core/src/cache/entry.test.ts", 'import { auth } from "../provider/auth.ts";');
  write("packages/token-cache-core/src/provider/auth.ts", 'import { TokenCache } from "../index.ts";');
  write("packages/token-cache-core/src/abortable.ts", 'import { TokenCache } from "./index.ts";');
  write("packages/token-cache-core/src/index.ts", 'export { auth } from "./provider/auth.ts";');
  const problem = (file, target) =>
    `packages/token-cache-core/src/${file} imports src/${target}: core's lower rooms import nothing from a higher one.`;
  expect(await layoutProblems(workspace)).toEqual([
    problem("abortable.ts", "index.ts"),
    problem("cache/entry.ts", "provider/auth.ts"),
    problem("contract/token-store.ts", "cache/entry.ts"),
    problem("time/clock.ts", "contract/token-store.ts"),
  ]);
});

test("core and providers read no wall clock but in the files that are for it", async () => {
  write("packages/token-cache-core/src/time/clock.ts", "export const wall = () => Date.now();");
  write("packages/token-cache-core/src/cache/entry.ts", "const now = new Date();");
  write("packages/iamport-auth/src/auth.ts", "const now = Date.now();");
  write("packages/iamport-auth/src/auth.test.ts", "const now = Date.now();");
  expect(await layoutProblems(workspace)).toEqual([
    "packages/token-cache-core/src/cache/entry.ts has new Date(): only a Clock reads the time.",
    "packages/iamport-auth/src/auth.ts has Date.now: only a Clock reads the time.",
  ]);
});

test("core depends on nothing, and providers not on each other", async () => {
  core({ dependencies: { ky: "2" } });
  provider("iamport-auth", [], {
    dependencies: { "@x/token-cache-core": "workspace:^", "@x/naver-commerce-auth": "workspace:^" },
  });
  expect(await layoutProblems(workspace)).toEqual([
    expect.stringContaining("core has none"),
    expect.stringContaining("packages/iamport-auth/package.json depends on @x/naver-commerce-auth"),
  ]);
});

test("package.json fields that differ and conditions in another order are named", async () => {
  provider("naver-commerce-auth", ["signature.ts"], {
    license: "ISC",
    exports: { ".": { default: "./dist/index.js", types: "./dist/index.d.ts" } },
  });
  expect(await layoutProblems(workspace)).toEqual([
    "packages/naver-commerce-auth/package.json: license differs from that of packages/token-cache-core.",
    'packages/naver-commerce-auth/package.json: exports "." has the conditions default,types, and not types,node,bun,deno,workerd,worker,edge-light,browser,default.',
  ]);
});

test("tools that do not know exports get the same entries", async () => {
  core({ main: "./dist/main.js", typesVersions: { "*": { redis: ["./dist/redis.d.ts"] } } });
  expect(await layoutProblems(workspace)).toEqual([
    "packages/token-cache-core/package.json: main does not follow from exports. Run: node scripts/package-metadata.mjs",
    expect.stringContaining("typesVersions does not follow from exports"),
  ]);
});

test("a package says that it comes from the root's repository, and what it is about", async () => {
  provider("naver-commerce-auth", ["signature.ts"], {
    keywords: [],
    bugs: "https://github.com/somebody-else/tokens/issues",
    repository: { ...repository, directory: "packages/iamport-auth" },
  });
  expect(await layoutProblems(workspace)).toEqual([
    "packages/naver-commerce-auth/package.json: keywords are missing.",
    expect.stringContaining("bugs does not follow from the root's repository"),
    expect.stringContaining("repository does not follow from the root's repository"),
  ]);
});

function write(file, text) {
  mkdirSync(dirname(join(workspace, file)), { recursive: true });
  writeFileSync(join(workspace, file), text);
}

function writePackage(name, files, manifest) {
  const isProvider = files.includes("auth.ts");
  const conditions = isProvider ? ["node", "bun", "deno", "workerd", "worker", "edge-light", "browser"] : [];
  const code = Object.fromEntries(conditions.map((condition) => [condition, "./dist/index.js"]));
  const exports = { ".": { types: "./dist/index.d.ts", ...code, default: "./dist/index.js" } };
  const origin = originOf({ repository }, `packages/${name}`);
  const about = { name: `@x/${name}`, description: "Tokens.", keywords: ["tokens"], ...origin, license: "MIT" };
  const whole = { ...about, ...olderFieldsOf(exports), exports, scripts: {}, ...manifest };
  write(`packages/${name}/package.json`, JSON.stringify(whole));
  write(`packages/${name}/README.md`, "");
  for (const file of files) write(`packages/${name}/src/${file}`, "");
}

function core(manifest) {
  writePackage("token-cache-core", ["index.ts"], manifest);
}

function provider(name, extraFiles = [], manifest = {}) {
  const files = [
    "index.ts",
    "auth.ts",
    "browser.ts",
    "options.ts",
    "rate-limits.ts",
    "renewal-policy.ts",
    "token-request.ts",
    ...extraFiles,
  ];
  writePackage(name, files, manifest);
}
