// Checks that the packages have the layout of docs/architecture.md. All providers have the same one: who knows one
// knows all.

import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename, dirname, join, posix } from "node:path";
import { providerPlaceProblems } from "./check-provider-places.mjs";
import { olderFieldsOf, originOf } from "./package-metadata.mjs";
import { providers } from "./providers.ts";
import { readJson, root } from "./workspace.mjs";

const core = "token-cache-core";

/** The command stands above all other packages. */
const command = "commerce-auth-cli";

/** Every provider has these files. A file of one provider must be in all of them, unless `ownFiles` lists it. */
const providerFiles = [
  "auth.ts",
  "browser.ts",
  "index.ts",
  "options.ts",
  "rate-limits.ts",
  "renewal-policy.ts",
  "token-request.ts",
];
const ownFiles = { "naver-commerce-auth": ["signature.ts"] };

/**
 * The conditions of a provider's entry, in this order. A bundler for Workers or an edge runtime often sets the
 * condition "browser" too. It must not get the entry for web pages.
 */
const providerConditions = "types,node,bun,deno,workerd,worker,edge-light,browser,default";

/** The files of core that may import Node's modules. */
const coreForNode = /^src\/(stores\/sqlite|credentials\/credentials-from-file|testing\/)/;

/** The files that read the machine's wall clock. All others get a `Clock` or a moment, so that tests can set the time. */
const wallClocks = /^src\/(time\/clock|stores\/sqlite\/sqlite-clock|testing\/manual-clock)\.ts$/;

/**
 * Core's rooms, from the lowest; all others stand above these. A file imports from its own height or from below. The
 * files beside the rooms (`""`) are the lowest, but for the entry.
 */
const lowestRooms = [["", "time"], ["contract"], ["options"], ["credentials"], ["rate-limit"], ["cache"], ["fetch"]];
const coreEntry = "src/index.ts";

const providerNames = new RegExp(providers.map(({ emulated }) => emulated).join("|"), "i");

/** The fields of package.json that all published packages share. */
const alike = ["license", "type", "sideEffects", "engines", "files", "publishConfig"];

/** @param {string} workspace the repo's root folder */
export async function layoutProblems(workspace) {
  /** @type {string[]} */
  const problems = [];
  const packages = globSync("packages/*/package.json", { cwd: workspace })
    .sort()
    .map((file) => ({
      name: basename(dirname(file)),
      folder: dirname(file),
      manifest: readJson(join(workspace, file)),
    }));
  const providerPackages = packages.filter(({ name }) => name !== core && name.endsWith("-auth"));
  const rootManifest = readJson(join(workspace, "package.json"));
  const ours = new Set(packages.map(({ manifest }) => manifest.name));
  const sources = (folder) =>
    globSync("src/**/*.ts", { cwd: join(workspace, folder) })
      .filter((file) => !/\.test(-support)?\.ts$/.test(file))
      .sort();

  checkProviderFiles();
  await checkCore();
  for (const { folder } of [{ folder: `packages/${core}` }, ...providerPackages]) await checkTime(folder);
  checkArrows();
  const model = packages.find(({ name }) => name === core);
  for (const each of packages) checkManifest(each, model);
  return problems;

  function checkProviderFiles() {
    const found = new Map(
      providerPackages.map(({ name, folder }) => [name, sources(folder).map((file) => file.slice("src/".length))]),
    );
    const isOwn = (name, file) => ownFiles[name]?.includes(file);

    for (const [name, files] of Object.entries(ownFiles)) {
      for (const file of files.filter((each) => !found.get(name)?.includes(each))) {
        problems.push(`packages/${name}/src/${file} is missing.`);
      }
    }
    const shared = [...found].flatMap(([name, files]) => files.filter((file) => !isOwn(name, file)));
    for (const file of [...new Set([...providerFiles, ...shared])].sort()) {
      const [having, lacking] = [true, false].map((has) =>
        [...found.keys()].filter((name) => found.get(name)?.includes(file) === has).join(", "),
      );
      if (lacking) {
        problems.push(
          `src/${file} is missing in ${lacking}${having && `, while ${having} has it`}: all providers have the same files.`,
        );
      }
    }
  }

  async function checkCore() {
    const folder = `packages/${core}`;
    const manifest = readJson(join(workspace, folder, "package.json"));
    if (Object.keys(manifest.dependencies ?? {}).length > 0) {
      problems.push(`${folder}/package.json has dependencies: core has none at run time.`);
    }
    for (const file of sources(folder)) {
      const text = await readFile(join(workspace, folder, file), "utf8");
      checkHeights(folder, file, text);
      text.split("\n").forEach((line, index) => {
        const place = `${folder}/${file}:${index + 1}`;
        if (/(from|import|import\()\s*["']node:/.test(line) && !coreForNode.test(file)) {
          problems.push(
            `${place} imports ${/node:[\w/]+/.exec(line)?.[0]}: core runs where Node's modules don't exist.`,
          );
        }
        if (providerNames.test(line)) {
          problems.push(`${place} says "${providerNames.exec(line)?.[0]}": core knows no provider by name.`);
        }
      });
    }
  }

  async function checkTime(folder) {
    for (const file of sources(folder).filter((each) => !wallClocks.test(each))) {
      const text = await readFile(join(workspace, folder, file), "utf8");
      const [reading] = /\bDate\.now\b|\bnew Date\(\)/.exec(text) ?? [];
      if (reading) problems.push(`${folder}/${file} has ${reading}: only a Clock reads the time.`);
    }
  }

  function checkHeights(folder, file, text) {
    for (const [, specifier] of text.matchAll(/\b(?:from|import)\s*\(?\s*["'](\.[^"']*)["']/g)) {
      const target = posix.join(posix.dirname(file), specifier);
      if (heightOf(target) > heightOf(file)) {
        problems.push(`${folder}/${file} imports ${target}: core's lower rooms import nothing from a higher one.`);
      }
    }
  }

  function checkArrows() {
    for (const { name, folder, manifest } of packages) {
      if (name === command) continue;
      const allowed = providerPackages.some((each) => each.name === name) ? [`@x/${core}`] : [];
      const { dependencies = {}, peerDependencies = {}, optionalDependencies = {} } = manifest;
      for (const dependency of Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies })) {
        if (ours.has(dependency) && !allowed.includes(dependency)) {
          problems.push(`${folder}/package.json depends on ${dependency}: arrows run from providers to core only.`);
        }
      }
    }
  }

  function checkManifest({ name, folder, manifest }, model) {
    const file = `${folder}/package.json`;
    if (manifest.name !== `@x/${name}`) problems.push(`${file}: the name is ${manifest.name}, the folder ${name}.`);
    if (!manifest.description) problems.push(`${file}: description is missing.`);
    if (!(manifest.keywords?.length > 0)) problems.push(`${file}: keywords are missing.`);
    for (const [field, value] of Object.entries(originOf(rootManifest, folder))) {
      if (JSON.stringify(manifest[field]) !== JSON.stringify(value)) {
        problems.push(
          `${file}: ${field} does not follow from the root's repository. Run: node scripts/package-metadata.mjs`,
        );
      }
    }
    for (const [field, value] of Object.entries(olderFieldsOf(manifest.exports))) {
      if (JSON.stringify(manifest[field]) !== JSON.stringify(value)) {
        problems.push(`${file}: ${field} does not follow from exports. Run: node scripts/package-metadata.mjs`);
      }
    }
    for (const field of alike) {
      if (JSON.stringify(manifest[field]) !== JSON.stringify(model.manifest[field])) {
        problems.push(`${file}: ${field} differs from that of ${model.folder}.`);
      }
    }
    for (const script of Object.keys(model.manifest.scripts)) {
      if (manifest.scripts?.[script] !== model.manifest.scripts[script]) {
        problems.push(`${file}: the script "${script}" differs from that of ${model.folder}.`);
      }
    }
    if (!manifest.exports && !manifest.bin) problems.push(`${file}: has neither exports nor a bin.`);
    const wanted = providerPackages.some((each) => each.name === name) ? providerConditions : "types,default";
    for (const [path, conditions] of Object.entries(manifest.exports ?? {})) {
      const found = Object.keys(conditions).join();
      if (found !== wanted) problems.push(`${file}: exports "${path}" has the conditions ${found}, and not ${wanted}.`);
    }
    if (!existsSync(join(workspace, folder, "README.md"))) problems.push(`${folder}/README.md is missing.`);
  }
}

/** @param {string} file its path in core, with slashes */
function heightOf(file) {
  if (file === coreEntry) return lowestRooms.length;
  const [, room = ""] = /^src\/(?:([^/]+)\/)?/.exec(file) ?? [];
  const height = lowestRooms.findIndex((rooms) => rooms.includes(room));
  return height === -1 ? lowestRooms.length : height;
}

if (import.meta.main) {
  const problems = [...(await layoutProblems(root)), ...providerPlaceProblems(root)];
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
