// Checks that every provider is in all places that know the providers one by one. The emulator's type `Provider` leads
// the compiler to the places inside programs.

import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { providers } from "./providers.ts";

const list = "scripts/providers.ts";

/** A file that names so many other providers names all of them. */
const MANY = 3;

/** Two pages that commands write, and one whose examples are some of the providers. */
const exempt = ["bench/RESULTS.md", "docs/mutation.md", "docs/fourth-provider.md"];

/** What a provider's package has beside its sources, and what the emulator has for it. */
const placesOf = ({ name, emulated }) => {
  const folder = `packages/${name}`;
  return [
    { file: `${folder}/package.json`, has: `"@x/commerce-auth-emulator"`, advice: "List it in devDependencies." },
    { file: `${folder}/package.json`, has: `"@x/testing"`, advice: "List it in devDependencies." },
    { file: `${folder}/tsconfig.json`, advice: "Copy another provider's." },
    { file: `${folder}/tsdown.config.ts`, has: "src/browser.ts", advice: "Copy another provider's." },
    { file: `${folder}/vitest.config.ts`, advice: "Copy another provider's." },
    { file: `${folder}/src/browser.ts`, has: `@x/${name} runs on servers only`, advice: "Copy another provider's." },
    { file: `${folder}/src/provider.test.ts`, has: "testProvider(", advice: "Call the tests of @x/testing/provider." },
    { file: `${folder}/api/index.api.md`, advice: "Run: pnpm api:update" },
    { file: `${folder}/README.md`, has: `@x/${name}`, advice: "Write it in English." },
    { file: `${folder}/README.ko.md`, has: `@x/${name}`, advice: "Write it in Korean." },
    {
      file: "packages/commerce-auth-emulator/src/provider/provider.ts",
      has: `"${emulated}"`,
      advice: "Add it to PROVIDERS. Then the compiler names what is missing in programs.",
    },
    {
      file: `packages/commerce-auth-emulator/src/${emulated}/${emulated}.ts`,
      advice: "Write the provider's emulation.",
    },
    {
      file: `packages/commerce-auth-cli/src/providers/${emulated}.ts`,
      advice: "Write the command's profile of the provider.",
    },
    {
      file: "packages/commerce-auth-cli/src/providers/profiles.ts",
      has: `"./${emulated}.ts"`,
      advice: "Add the profile, and its name to PROVIDER_NAMES.",
    },
  ];
};

/** @param {string} workspace the repo's root folder */
export function providerPlaceProblems(workspace) {
  /** @type {Set<string>} */
  const known = new Set(providers.map(({ name }) => name));
  const found = globSync("packages/*-auth/", { cwd: workspace }).map((folder) => basename(folder));
  const unlisted = found.filter((name) => !known.has(name)).sort();
  // A new package's name in the emulator is the first word of its name until the list says another.
  const all = [...providers, ...unlisted.map((name) => ({ name, emulated: name.split("-")[0] }))];
  return [
    ...unlisted.map((name) => `${list} lacks ${name}: packages/${name} is there.`),
    ...all.flatMap(placesOf).flatMap((place) => placeProblem(workspace, place)),
    ...omissions(workspace, all),
  ];
}

/**
 * @param {string} workspace
 * @param {{ file: string, has?: string, advice: string }} place `has`: what the file contains
 */
function placeProblem(workspace, { file, has, advice }) {
  const path = join(workspace, file);
  if (!existsSync(path)) return [`${file} is missing. ${advice}`];
  return has === undefined || readFileSync(path, "utf8").includes(has) ? [] : [`${file} lacks ${has}. ${advice}`];
}

/** Files that name many providers by their package, but not all. */
function omissions(workspace, all) {
  const isSkipped = ({ name }) => /^(node_modules|dist|api|\..*)$/.test(name);
  const patterns = ["*.{json,md}", "{apps,bench,docs,packages,scripts,testing}/**/*.{ts,tsx,mjs,cjs,json,md}"];
  const files = patterns.flatMap((pattern) =>
    globSync(pattern, { cwd: workspace, exclude: isSkipped, withFileTypes: true }),
  );
  return files
    .map((file) => join(file.parentPath, file.name).slice(workspace.length).replaceAll("\\", "/").replace(/^\//, ""))
    .filter((file) => !/\.test(-support)?\.\w+$/.test(file) && !exempt.includes(file))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(workspace, file), "utf8");
      const missing = all.filter(({ name }) => !new RegExp(`(@x|packages)/${name}\\b`).test(text));
      if (missing.length === 0 || all.length - missing.length < MANY) return [];
      return missing.map(({ name }) => `${file} names the other providers, but not ${name}.`);
    });
}
