// Checks that a provider's package exports all that its user needs. Writes programs of a user who installs the provider
// alone, in a strict node_modules without hoisting, and compiles and runs them.

import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { providers } from "./providers.ts";
import { readJson, root } from "./workspace.mjs";

const run = promisify(execFile);

/** What every provider exports of core: a user installs the provider alone, and cannot import core. */
const coreValues = ["oncePerProcess", "TokenCache", "TokenError"];
const coreTypes = [
  "AccessToken",
  "GetTokenOptions",
  "TokenCacheOptions",
  "TokenErrorCode",
  "TokenEvent",
  "TokenObserver",
];

/**
 * @param {{ name: string, installed: string, overrides: Record<string, string>, core: string }} provider its name, the
 *   folder in which it is installed, what replaces the registry there, and the folder of core
 * @returns {Promise<string[]>} problems
 */
export async function providerProblems({ name, installed, overrides, core }) {
  const { default: _, ...entry } = await import(pathToFileURL(join(installed, "dist/index.js")).href);
  const createAuth = Object.keys(entry).find((each) => /^create\w+Auth$/.test(each));
  if (createAuth === undefined) return ["exports no function create…Auth"];
  const provider = providers.find((each) => `@x/${each.name}` === name);
  if (provider === undefined) return ["is missing in scripts/providers.ts"];
  const values = [createAuth, ...coreValues].join(", ");
  const imports = `import { ${values}, ${coreTypes.map((type) => `type ${type}`).join(", ")} } from "${name}";`;
  const folder = join(installed, "../../..");
  const alone = join(folder, "alone");
  const together = join(folder, "together");

  project(alone, { [name]: overrides[name] }, overrides);
  writeFileSync(join(alone, "app.ts"), `${imports}\n${appOf(createAuth)}`);
  project(together, { [name]: overrides[name], "next-core": `file:${nextMinor(core, folder)}` }, overrides);
  writeFileSync(join(together, "app.ts"), `${imports}\n${twoCopiesApp(createAuth)}`);

  const problems = [...compileErrors(alone), ...compileErrors(together)];
  return problems.length > 0 ? problems : runErrors(together, provider.emulated);
}

/** A library on top of the provider that exports everything: its declarations have to name every type. */
const appOf = (createAuth) => `
const events: TokenEvent["type"][] = [];
const observer: TokenObserver = (event) => void events.push(event.type);
export const options: TokenCacheOptions = { observer };
export const cache = new TokenCache(options);
export const auth = oncePerProcess("auth", () => ${createAuth}({ cache }));
export const { api, fetch, source, getToken, cache: ownCache } = auth;
export const request = (getTokenOptions?: GetTokenOptions) => auth.getToken(getTokenOptions);
export const valueOf = ({ value }: AccessToken) => value;
export const current = () => auth.peek();
export function codeOf(error: unknown): TokenErrorCode | undefined {
  return TokenError.is(error) ? error.code : undefined;
}
`;

/** The cache and the check of errors are of another copy of core than the provider's. */
const twoCopiesApp = (createAuth) => `
import { TokenCache as NextCache, TokenError as NextError } from "next-core";

export type Unused = [TokenCache, AccessToken, GetTokenOptions, TokenCacheOptions, TokenErrorCode, TokenEvent, TokenObserver];
const { options, apiUrl, wrong } = JSON.parse(process.argv[2] ?? "");
const cache = new NextCache();
const auth = oncePerProcess("auth", () => ${createAuth}({ ...options, cache }));
const { status } = await auth.fetch(apiUrl);
const error: unknown = await ${createAuth}({ ...options, ...wrong, cache }).getToken().catch((thrown: unknown) => thrown);
await cache.close();
console.log(JSON.stringify({
  status,
  isOtherCopy: !(cache instanceof TokenCache),
  code: TokenError.is(error) && NextError.is(error) ? error.code : String(error),
}));
declare const process: { argv: string[] };
declare const console: { log(text: string): void };
`;

function project(folder, dependencies, overrides) {
  mkdirSync(folder);
  const write = (file, content) => writeFileSync(join(folder, file), JSON.stringify(content));
  write("package.json", { private: true, type: "module", dependencies });
  write("pnpm-workspace.yaml", { overrides, hoist: false });
  const strict = { strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false, types: [] };
  const modules = { target: "ES2023", module: "NodeNext", lib: ["ES2024", "ESNext.Disposable", "DOM", "DOM.Iterable"] };
  write("tsconfig.json", { compilerOptions: { ...strict, ...modules, declaration: true }, include: ["app.ts"] });
  execFileSync("pnpm", ["install", "--offline", "--silent"], { cwd: folder, stdio: ["ignore", "ignore", 2] });
}

/** A tarball of core as of its next 0.x minor, in the folder. */
export function nextMinor(core, folder) {
  const copy = join(folder, "next-core");
  const manifest = readJson(join(core, "package.json"));
  mkdirSync(copy);
  cpSync(join(core, "dist"), join(copy, "dist"), { recursive: true });
  const [major, minor] = manifest.version.split(".");
  const version = `${major}.${Number(minor) + 1}.0`;
  writeFileSync(join(copy, "package.json"), JSON.stringify({ ...manifest, version }));
  const pack = ["pack", "--json", "--pack-destination", folder];
  return join(folder, basename(JSON.parse(execFileSync("pnpm", pack, { cwd: copy, encoding: "utf8" })).filename));
}

function compileErrors(folder) {
  try {
    execFileSync(join(root, "node_modules/.bin/tsc"), ["-p", folder], { stdio: "pipe" });
    return [];
  } catch (error) {
    const { stdout } = /** @type {{ stdout: Buffer }} */ (error);
    return [`a user's program (${basename(folder)}) does not compile:\n${stdout}`];
  }
}

async function runErrors(folder, emulated) {
  const emulatorEntry = createRequire(join(process.cwd(), "package.json")).resolve("@x/commerce-auth-emulator");
  const { startEmulator } = await import(pathToFileURL(emulatorEntry).href);
  await using emulator = await startEmulator();
  const { credentials, tokenUrl, apiBaseUrl } = emulator[emulated];
  const { accountId: _, ...keys } = credentials;
  const secret = Object.keys(keys).find((key) => /secret/i.test(key)) ?? "";
  const order = {
    options: { ...keys, tokenUrl, apiBaseUrl },
    wrong: { [secret]: withAnother(keys[secret], 10) },
    apiUrl: apiBaseUrl,
  };
  const { stdout } = await run(process.execPath, ["app.js", JSON.stringify(order)], { cwd: folder });
  const expected = JSON.stringify({ status: 404, isOtherCopy: true, code: "invalid_credentials" });
  return stdout.trim() === expected
    ? []
    : [`with another copy of core a user's program prints ${stdout}, not ${expected}`];
}

/** The text with another character at a place. */
function withAnother(text, place) {
  return text.slice(0, place) + (text[place] === "a" ? "b" : "a") + text.slice(place + 1);
}
