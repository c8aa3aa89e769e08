// Everything between `git clone` and running something: pnpm, Node, packages, build. A second run only checks. Needs
// git, Node 20 or later, and npm. Prints to stderr only, so that stdout belongs to the program that runs afterwards.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { giveUp, packageManager, pnpmHome, root, run, turbo } from "./workspace.mjs";

export async function setUp({ build }) {
  const node = Number(process.versions.node.split(".")[0]);
  if (node < 20)
    giveUp(`This needs Node 20 or later; found ${process.version}. Install a newer Node and run it again.`);

  await installPackages();
  if (build) await buildPackages();
}

async function installPackages() {
  const stampFile = join(root, "node_modules/.cache/installed");
  const wanted = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;

  const pnpm = await findPnpm();
  await step(
    "Installing packages",
    () => run(pnpm, ["install", "--frozen-lockfile"], { stdio: "collect" }),
    (output) =>
      output.includes("OUTDATED_LOCKFILE")
        ? `pnpm-lock.yaml does not match the package.json files. Run 'npx ${packageManager} install' and commit the lockfile.`
        : "The packages could not be installed. Is the npm registry reachable? Then run it again.",
  );
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  writeFileSync(stampFile, wanted);
}

/** The pnpm that started this program if it is the right one. Else our own, fetched on the first run. */
export async function findPnpm() {
  const [name, version] = packageManager.split("@");
  if (process.env.npm_config_user_agent?.startsWith(`${name}/${version} `)) return name;

  const pnpm = join(pnpmHome, "node_modules/.bin", name);
  if (!existsSync(pnpm)) {
    mkdirSync(pnpmHome, { recursive: true });
    const install = ["install", "--prefix", pnpmHome, "--no-save", "--no-audit", "--no-fund", packageManager];
    await step(
      `Fetching ${packageManager}`,
      () => run("npm", install, { stdio: "collect", cwd: pnpmHome }),
      () => `${packageManager} could not be fetched. Is the npm registry reachable? Then run it again.`,
    );
  }
  return pnpm;
}

async function buildPackages() {
  await step(
    "Building",
    () => turbo(["run", "build"], { stdio: "collect" }),
    () => "The build failed: the first error is above.",
  );
}

/** One line: what happens, then how long it took. What the program printed is shown only if it failed. */
async function step(title, work, advice) {
  const began = Date.now();
  process.stderr.write(`${title} … `);
  const { code, output, interrupted } = await work();
  process.stderr.write(`${code === 0 ? "" : "failed, "}${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  if (interrupted) process.exit(130);
  if (code !== 0) giveUp(advice(output), output);
}

/** Changes with the machine and with what is to be installed. */
function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${packageManager}`);
  const manifests = ["", "packages", "apps"]
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(parent, name, "package.json")))
    .filter((file) => existsSync(join(root, file)));
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests]) {
    hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}
