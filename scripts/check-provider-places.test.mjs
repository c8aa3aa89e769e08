import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyWorkspace } from "../testing/src/workspace-copy.ts";
import { layoutProblems } from "./check-layout.mjs";
import { providerPlaceProblems } from "./check-provider-places.mjs";

let workspace;
beforeAll(() => {
  const rooms = ["apps", "bench", "docs", "packages", "scripts", "testing"];
  workspace = copyWorkspace([], [...rooms, "package.json", "README.md", "README.ko.md", "turbo.json", "typedoc.json"]);
});
afterAll(() => rmSync(workspace, { recursive: true }));

test("the repository has no problem", () => {
  expect(providerPlaceProblems(workspace)).toEqual([]);
});

test("an empty fourth provider is told every place that it misses", async () => {
  const folder = join(workspace, "packages/acme-auth");
  mkdirSync(folder);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "@x/acme-auth", exports: { ".": {} } }));

  const layout = (await layoutProblems(workspace)).join("\n");
  for (const file of ["auth", "options", "token-request", "renewal-policy", "rate-limits", "refusal", "api-result"]) {
    expect(layout).toContain(`src/${file}.ts is missing in acme-auth`);
  }
  for (const field of ["description", "keywords", "license", "type", "engines", "files", 'the script "build"']) {
    expect(layout).toContain(`packages/acme-auth/package.json: ${field}`);
  }
  expect(layout).toContain('exports "." has the conditions , and not types,node,bun,deno,workerd');

  const problems = providerPlaceProblems(workspace);
  const own = [
    'package.json lacks "@x/commerce-auth-emulator". List it in devDependencies.',
    'package.json lacks "@x/testing". List it in devDependencies.',
    "tsconfig.json is missing. Copy another provider's.",
    "tsdown.config.ts is missing. Copy another provider's.",
    "vitest.config.ts is missing. Copy another provider's.",
    "src/browser.ts is missing. Copy another provider's.",
    "src/provider.test.ts is missing. Call the tests of @x/testing/provider.",
    "api/index.api.md is missing. Run: pnpm api:update",
    "README.md is missing. Write it in English.",
    "README.ko.md is missing. Write it in Korean.",
  ];
  const others = [
    "README.md",
    "README.ko.md",
    "apps/fuzzer/package.json",
    "apps/fuzzer/src/providers.ts",
    "apps/playground/package.json",
    "apps/playground/src/server/clients.ts",
    "apps/release/package.json",
    "apps/runtimes/src/scenario.ts",
    "bench/src/measures/bundle.ts",
    "docs/architecture.md",
    "packages/commerce-auth-cli/package.json",
    "packages/commerce-auth-emulator/README.md",
    "packages/commerce-auth-emulator/README.ko.md",
    "scripts/consumers/programs/app.ts",
    "scripts/consumers/programs/main.cjs",
    "turbo.json",
  ];
  expect(problems).toEqual(
    expect.arrayContaining([
      "scripts/providers.ts lacks acme-auth: packages/acme-auth is there.",
      ...own.map((problem) => `packages/acme-auth/${problem}`),
      expect.stringMatching(/^packages\/commerce-auth-emulator\/src\/provider\/provider\.ts lacks "acme"/),
      "packages/commerce-auth-emulator/src/acme/acme.ts is missing. Write the provider's emulation.",
      "packages/commerce-auth-cli/src/providers/acme.ts is missing. Write the command's profile of the provider.",
      'packages/commerce-auth-cli/src/providers/profiles.ts lacks "./acme.ts". Add the profile, and its name to PROVIDER_NAMES.',
      ...others.map((file) => `${file} names the other providers, but not acme-auth.`),
    ]),
  );
  for (const problem of problems) expect(problem).toContain("acme");
});
