import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { join, parse } from "node:path";
import { workspaceRoot } from "@x/testing/workspace-copy";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Registry, startRegistry } from "./registry.ts";
import { Rehearsal } from "./rehearsal.ts";

const TOKEN = "rehearsal";
const readJson = (path: string) => JSON.parse(readFileSync(path, "utf8"));

let registry: Registry;
let rehearsal: Rehearsal;
beforeAll(async () => {
  registry = await startRegistry(TOKEN);
  addDependencies("packages/toss-shopping-auth");
  addDependencies("packages/naver-commerce-auth");
  addDependencies("packages/commerce-auth-cli");
  rehearsal = new Rehearsal(registry, TOKEN);
}, 300_000);
afterAll(async () => {
  rehearsal?.[Symbol.dispose]();
  await registry[Symbol.asyncDispose]();
});

test("a release publishes all packages, and their dependents name their versions", async () => {
  await rehearsal.version();
  await rehearsal.publish();
  expect([...registry.published].sort()).toEqual(manifests().map(({ name, version }) => `${name}@${version}`));
  for (const { name, dependencies = {} } of manifests()) {
    const published = registry.manifest(name, versionOf(name));
    expect(published?.dependencies ?? {}).toEqual(
      Object.fromEntries(
        Object.entries(dependencies).map(([of, range]) => [of, range === "workspace:^" ? `^${versionOf(of)}` : range]),
      ),
    );
  }
}, 300_000);

test("a patch of one package releases that one alone", async () => {
  const before = registry.published.length;
  rehearsal.addChangeset("@x/naver-commerce-auth", "patch", "A fix.");
  await rehearsal.version();
  await rehearsal.publish();
  expect(registry.published.slice(before)).toEqual([`@x/naver-commerce-auth@${versionOf("@x/naver-commerce-auth")}`]);
}, 300_000);

test.each([
  ["@x/toss-shopping-auth", ["@x/token-cache-core", "ky"]],
  ["@x/naver-commerce-auth", ["@x/token-cache-core", "bcryptjs", "ky"]],
])(
  "%s, installed alone, installs what it needs and nothing else",
  async (name, dependencies) => {
    const folder = await rehearsal.install(name);
    const installed = readdirSync(join(folder, "node_modules"))
      .filter((entry) => !entry.startsWith("."))
      .flatMap((entry) =>
        entry.startsWith("@")
          ? readdirSync(join(folder, "node_modules", entry)).map((each) => `${entry}/${each}`)
          : [entry],
      );
    expect(installed.sort()).toEqual([name, ...dependencies].sort());

    const { metadata } = readJson(join(folder, "node_modules", name, "dist/sbom.cdx.json"));
    expect(metadata.component).toMatchObject({ name, version: versionOf(name) });
    const program = `import * as all from ${JSON.stringify(name)}; console.log(Object.keys(all).join());`;
    expect(await rehearsal.run("node", ["--input-type=module", "-e", program], folder)).toContain("Auth");
  },
  60_000,
);

test("the command, installed alone, runs by npx", async () => {
  const folder = await rehearsal.install("@x/commerce-auth-cli");
  expect(await rehearsal.run("npx", ["--no-install", "commerce-auth", "--version"], folder)).toBe(
    `${versionOf("@x/commerce-auth-cli")}\n`,
  );
  const help = await rehearsal.run("npx", ["--no-install", "@x/commerce-auth-cli", "doctor", "--help"], folder);
  expect(help).toContain("--dotenv FILE");
}, 60_000);

/** The manifests in the copy, by name. */
function manifests() {
  const all = rehearsal.folders().map((folder) => rehearsal.manifest(folder));
  return all.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function versionOf(name: string): string {
  return manifests().find((each) => each.name === name)?.version ?? "";
}

/** Gives the registry a package's dependencies of other authors. */
function addDependencies(packageFolder: string): void {
  const { dependencies = {} } = readJson(join(workspaceRoot, packageFolder, "package.json"));
  const others = Object.keys(dependencies).filter((name) => !name.startsWith("@x/"));
  for (const name of others) addInstalled(realpathSync(join(workspaceRoot, packageFolder, "node_modules", name)));
}

/** Gives the registry an installed package of other authors, and its dependencies, which pnpm installs beside it. */
function addInstalled(folder: string): void {
  const { base, dir } = parse(folder);
  const manifest = readJson(join(folder, "package.json"));
  const siblings = manifest.name.startsWith("@") ? join(dir, "..") : dir;
  for (const name of Object.keys(manifest.dependencies ?? {})) addInstalled(realpathSync(join(siblings, name)));
  const options = ["-cz", "-C", dir, "--transform", `s,^${base},package,`, base];
  registry.add(manifest, execFileSync("tar", options, { maxBuffer: 2 ** 26 }));
}
