// `pnpm examples [name …]`: runs the programs in examples/ as their readers would. Each is copied to an empty folder
// and installed by its own lockfile, with our packages as they would be published. Then its check.mjs runs against an
// emulator. `--light`: only those that install little, as `npm test` does. `--update-lockfiles` writes the lockfiles
// again.

import { spawn } from "node:child_process";
import { cpSync, globSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { setUp } from "./set-up.mjs";
import { packAll } from "./tarballs.mjs";
import { environment, readJson, root, run } from "./workspace.mjs";

const given = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const updatesLockfiles = process.argv.includes("--update-lockfiles");
const known = globSync("examples/*/package.json", { cwd: root })
  .map((file) => basename(dirname(file)))
  .sort();
const unknown = given.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no example ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
  process.exit(1);
}
const isLight = (name) => settingsOf(name).light === true;
const named = given.length > 0 ? given : known;
const names = process.argv.includes("--light") ? named.filter(isLight) : named;

// A task of turbo runs after the build.
if (!process.env.TURBO_HASH) await setUp({ build: true });
const temporary = realpathSync(mkdtempSync(join(tmpdir(), "examples-")));
const failed = [];
try {
  const tarballs = packAll(temporary);
  for (const name of names) {
    const began = Date.now();
    const { code, interrupted } = await runExample(name, tarballs);
    if (interrupted) process.exit(130);
    if (code !== 0) failed.push(name);
    console.log(`${name}: ${code === 0 ? "passed" : "failed"}, ${((Date.now() - began) / 1000).toFixed(1)} s`);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
if (failed.length > 0) console.error(`Failed: ${failed.join(", ")}.`);
process.exitCode = failed.length > 0 ? 1 : 0;

/**
 * @returns {{ program?: string, light?: boolean, needs?: string[] }} what this script has to know of an example. `program`:
 *   the folder of the example whose program it is, with other versions of its dependencies. `light`: it installs little.
 *   `needs`: `redis`
 */
function settingsOf(name) {
  return readJson(join(root, "examples", name, "package.json")).example ?? {};
}

async function runExample(name, tarballs) {
  const home = join(root, "examples", name);
  const folder = join(temporary, name);
  const { program = ".", needs = [] } = settingsOf(name);
  for (const source of [join(home, program), home]) cpSync(source, folder, { recursive: true, filter: isSource });
  cpSync(join(root, "examples/support.mjs"), join(folder, "support.mjs"));

  const installed = await install(folder, tarballs);
  if (installed.code !== 0) {
    console.error(installed.output);
    return installed;
  }
  if (updatesLockfiles) saveLockfile(folder, home);

  const { startEmulator } = await import(join(root, "packages/commerce-auth-emulator/dist/index.js"));
  const emulator = await startEmulator();
  const redis = needs.includes("redis") ? await startRedis(folder) : undefined;
  const env = { ...environment(), ...variables(emulator), REDIS_URL: redis?.url };
  try {
    return await run("node", ["check.mjs"], { cwd: folder, env });
  } finally {
    redis?.stop();
    await emulator.close();
  }
}

/** A Redis that keeps nothing on disk, on a free port. */
async function startRedis(folder) {
  const listener = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => listener.once("listening", resolve));
  const { port } = /** @type {import("node:net").AddressInfo} */ (listener.address());
  await new Promise((resolve) => listener.close(resolve));
  const options = ["--bind", "127.0.0.1", "--port", String(port), "--save", "", "--dir", folder];
  const server = spawn(process.env.REDIS_SERVER || "redis-server", options, { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    server.stdout.on("data", (chunk) => `${chunk}`.includes("Ready to accept connections") && resolve(undefined));
    server.once("error", () => reject(new Error("redis-server is not there. Install it, or set REDIS_SERVER.")));
    server.once("exit", (code) => reject(new Error(`redis-server ended with ${code}.`)));
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.kill() };
}

function isSource(path) {
  return !/node_modules|\.next/.test(basename(path));
}

function install(folder, tarballs) {
  const manifest = readJson(join(folder, "package.json"));
  const overrides = { ...tarballs };
  for (const dependencies of [manifest.dependencies ?? {}, manifest.devDependencies ?? {}]) {
    for (const name of Object.keys(dependencies).filter((each) => each in tarballs)) {
      dependencies[name] = tarballs[name];
      delete overrides[name];
    }
  }
  // Our packages depend on each other by versions that are not published yet.
  manifest.overrides = overrides;
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  const options = [
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
    "--omit-lockfile-registry-resolved",
  ];
  return run("npm", ["install", ...options], { cwd: folder, stdio: "collect" });
}

/** Keeps the installed packages of others. Ours are new each time. */
function saveLockfile(folder, home) {
  const lock = readJson(join(folder, "package-lock.json"));
  const { dependencies, devDependencies } = readJson(join(home, "package.json"));
  lock.packages[""] = { ...lock.packages[""], dependencies, devDependencies };
  for (const path of Object.keys(lock.packages)) if (path.startsWith("node_modules/@x/")) delete lock.packages[path];
  writeFileSync(join(home, "package-lock.json"), `${JSON.stringify(lock, undefined, 2)}\n`);
}

/** The emulator, and the credentials that examples pass on by themselves. */
function variables({ origin, naver }) {
  return {
    COMMERCE_AUTH_EMULATOR: origin,
    NAVER_COMMERCE_CLIENT_ID: naver.credentials.clientId,
    NAVER_COMMERCE_CLIENT_SECRET: naver.credentials.clientSecret,
  };
}
