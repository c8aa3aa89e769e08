// Checks that the package that would be published is complete. Packs it, installs the tarball in an empty folder
// without the network, imports every entry there, and lints the tarball. Runs in a package's folder, on what is in
// dist.

import { execFileSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { bareImports } from "./bare-imports.mjs";
import { olderProgramProblems } from "./check-older-programs.mjs";
import { providerProblems } from "./check-provider.mjs";
import { readJson, root } from "./workspace.mjs";

const CORE = "@x/token-cache-core";

const folder = process.cwd();
const manifest = readJson(join(folder, "package.json"));
const problems = [];

if (!existsSync(join(folder, "dist"))) {
  console.error("There is no dist folder to pack. Run 'pnpm build' first.");
  process.exit(1);
}

const temporary = mkdtempSync(join(tmpdir(), "check-package-"));
try {
  const tarballs = packWithOurDependencies();
  const overrides = overridesOf(tarballs);
  importWithoutPeers(install(overrides, []));
  const installed = install(overrides, peers());
  checkContents(installed);
  checkSbom(installed);
  importEntries();
  runCommands(installed);
  if (entries().length > 0) problems.push(...(await olderProgramProblems(temporary, entries())));
  lint(tarballs.get(manifest.name));
  if (isOurs(CORE) && entries().length > 0) {
    problems.push(...(await providerProblems({ name: manifest.name, installed, overrides, core: placeOf(CORE) })));
  }
} finally {
  rmSync(temporary, { recursive: true });
}
for (const problem of problems) console.error(`${manifest.name}: ${problem}`);
process.exitCode = problems.length > 0 ? 1 : 0;

/** The package's tarball, and those of the packages of this repo that it depends on, by name. */
function packWithOurDependencies() {
  const folders = [folder, ...dependencies().filter(isOurs).map(placeOf)];
  return new Map(
    folders.map((each) => {
      const { filename } = JSON.parse(
        execFileSync("pnpm", ["pack", "--json", "--pack-destination", temporary], { cwd: each, encoding: "utf8" }),
      );
      return [readJson(join(each, "package.json")).name, join(temporary, basename(filename))];
    }),
  );
}

/** Replaces the registry: our tarballs, and their dependencies as they are installed in this repository. */
function overridesOf(tarballs) {
  const ours = [folder, ...dependencies().filter(isOurs).map(placeOf)];
  const ofPeers = peers().map((name) => [name, placeOf(name)]);
  const others = [...ours.flatMap((each) => [...foreignDependencies(each)]), ...ofPeers];
  return Object.fromEntries([...tarballs, ...others].map(([name, place]) => [name, `file:${place}`]));
}

/** The dependencies of a package, by their names. pnpm installs each beside its own dependencies. */
function foreignDependencies(place, found = new Map()) {
  const { dependencies = {} } = readJson(join(place, "package.json"));
  for (const [name, range] of Object.entries(dependencies)) {
    if (range.startsWith("workspace:") || found.has(name)) continue;
    const beside = join(place.slice(0, place.lastIndexOf("/node_modules/")), "node_modules", name);
    const inside = join(place, "node_modules", name);
    found.set(name, realpathSync(existsSync(inside) ? inside : beside));
    foreignDependencies(found.get(name), found);
  }
  return found;
}

/** As a user would, but without the network. */
function install(overrides, withPeers) {
  const dependencies = Object.fromEntries([manifest.name, ...withPeers].map((name) => [name, overrides[name]]));
  writeFileSync(join(temporary, "package.json"), JSON.stringify({ private: true, type: "module", dependencies }));
  writeFileSync(join(temporary, "pnpm-workspace.yaml"), JSON.stringify({ overrides }));
  // Where CI=true, a second install would otherwise refuse what was added since the first.
  const install = ["install", "--offline", "--silent", "--no-frozen-lockfile"];
  execFileSync("pnpm", install, { cwd: temporary, stdio: ["ignore", "ignore", 2] });
  return join(temporary, "node_modules", manifest.name);
}

function checkContents(installed) {
  for (const file of ["LICENSE", "README.md"]) {
    if (!existsSync(join(installed, file))) problems.push(`${file} is not in the tarball.`);
  }
  const installedToo = new Set([manifest.name, ...dependencies(), ...peers()]);
  // The entry for browsers imports a module that does not exist, on purpose.
  const files = globSync("dist/**/*.{js,d.ts}", { cwd: installed }).filter(
    (file) => !/browser\.(js|d\.ts)$/.test(file),
  );
  for (const file of files) {
    const text = readFileSync(join(installed, file), "utf8");
    for (const name of bareImports(text)) {
      if (!installedToo.has(name)) problems.push(`${file} imports ${name}, which is not installed with it.`);
    }
    // A user has no list of cases.
    const number = file.endsWith(".d.ts") && /\bcases? \d+/.exec(text)?.[0];
    if (number) problems.push(`${file} says "${number}". Say what holds instead.`);
  }
}

/** The SBOM has to be of this version. It has to list each package whose code is in dist and that is not installed. */
function checkSbom(installed) {
  const file = join(installed, "dist/sbom.cdx.json");
  if (!existsSync(file)) {
    problems.push("dist/sbom.cdx.json is not in the tarball.");
    return;
  }
  const { bomFormat, specVersion, metadata, components } = readJson(file);
  const { name, version } = metadata.component;
  if (bomFormat !== "CycloneDX" || specVersion !== "1.6" || name !== manifest.name || version !== manifest.version) {
    problems.push(`the SBOM is of ${name} ${version}, not of ${manifest.name} ${manifest.version}. Build again.`);
  }
  const installedToo = new Set([manifest.name, ...dependencies(), ...peers()]);
  const sources = globSync("src/**/*.ts", { cwd: folder }).filter(
    (source) => !/(\.test(-support)?|browser)\.ts$/.test(source),
  );
  const compiledIn = sources
    .flatMap((source) => bareImports(readFileSync(join(folder, source), "utf8")))
    .filter((each) => !installedToo.has(each))
    .map((each) => `${each} ${readJson(join(placeOf(each), "package.json")).version}`);
  const listed = components.map((component) => `${component.name} ${component.version}`);
  if (String([...new Set(compiledIn)].sort()) !== String(listed.sort())) {
    problems.push(`the SBOM lists "${listed}", but the sources have compiled in "${[...new Set(compiledIn)].sort()}".`);
  }
}

function importEntries() {
  for (const specifier of entries()) {
    const failure = importFailure(specifier);
    if (failure !== undefined) problems.push(`importing ${specifier} fails:\n${failure}`);
  }
}

/** All peers are optional: an entry that needs one names it, and all others work without it. */
function importWithoutPeers(installed) {
  for (const name of peers()) {
    if (manifest.peerDependenciesMeta?.[name]?.optional !== true) problems.push(`the peer ${name} is not optional.`);
  }
  for (const [path, { default: file }] of peers().length > 0 ? Object.entries(manifest.exports ?? {}) : []) {
    const specifier = join(manifest.name, path);
    const failure = importFailure(specifier);
    const needed = bareImports(readFileSync(join(installed, file), "utf8")).find((name) => peers().includes(name));
    if (needed === undefined && failure !== undefined) problems.push(`${specifier} needs a peer:\n${failure}`);
    if (needed !== undefined && !failure?.includes(`Cannot find package '${needed}'`)) {
      problems.push(`without ${needed}, importing ${specifier} does not name it:\n${failure}`);
    }
  }
}

/** A command has to start, by the link that a package manager makes. */
function runCommands(installed) {
  for (const command of Object.keys(manifest.bin ?? {})) {
    try {
      execFileSync(join(installed, "../../.bin", command), ["--help"], { cwd: temporary, stdio: "pipe" });
    } catch (error) {
      problems.push(`${command} --help fails:\n${outputOf(error)}`);
    }
  }
}

/** What Node says when it cannot import an entry. */
function importFailure(specifier) {
  try {
    const program = `await import(${JSON.stringify(specifier)})`;
    execFileSync("node", ["--input-type=module", "-e", program], { cwd: temporary, stdio: "pipe" });
    return undefined;
  } catch (error) {
    return outputOf(error);
  }
}

function lint(tarball) {
  const linters = [["publint", tarball, "--strict"]];
  if (entries().length > 0)
    linters.push([
      // CommonJS may require ES modules: Node 22 and TypeScript 5.8 can.
      ...[
        "attw",
        tarball,
        "--ignore-rules",
        "cjs-resolves-to-esm",
        "--no-definitely-typed",
        "--no-emoji",
        "--no-color",
      ],
    ]);
  for (const [command, ...args] of linters) {
    try {
      execFileSync(join(root, "node_modules/.bin", command), args, { stdio: "pipe" });
    } catch (error) {
      problems.push(`${command} found:\n${outputOf(error)}`);
    }
  }
}

/** @param {any} error thrown by execFileSync */
function outputOf({ message, stdout = message, stderr = "" }) {
  return `${stdout}${stderr}`;
}
function entries() {
  return Object.keys(manifest.exports ?? {}).map((path) => join(manifest.name, path));
}
function dependencies() {
  return Object.keys(manifest.dependencies ?? {});
}
function peers() {
  return Object.keys(manifest.peerDependencies ?? {});
}
function isOurs(name) {
  return manifest.dependencies?.[name]?.startsWith("workspace:") === true;
}
function placeOf(name) {
  return realpathSync(join(folder, "node_modules", name));
}
