// The programs that tests use and npm cannot install. Finds them, installs them if that is allowed, or says in one line
// what is skipped.

import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { environment, run } from "./workspace.mjs";

const programs = [
  {
    variable: "REDIS_SERVER",
    title: "Redis",
    names: ["redis-server", "valkey-server"],
    debianPackages: ["redis-server"],
  },
  {
    variable: "CHROMIUM",
    title: "Chromium",
    names: ["chromium", "chromium-browser", "google-chrome"],
    // A browser without Korean glyphs shows boxes of another width.
    debianPackages: ["chromium", "fonts-noto-cjk"],
  },
  { variable: "PROMTOOL", title: "promtool", names: ["promtool"], debianPackages: ["prometheus"] },
];

/**
 * Each program's absolute path by the environment variable that tests read; empty if it is missing, and tests that need
 * it skip themselves. With CI=true a missing program is a failure, since a skipped test would go unnoticed there.
 */
export async function bringPrograms() {
  const isMissing = (program) => !find(program);
  const missing = programs.filter(isMissing);
  if (missing.length > 0 && process.getuid?.() === 0 && existsSync("/etc/debian_version")) await install(missing);

  for (const { title, debianPackages, variable } of programs.filter(isMissing)) {
    console.error(
      `${title} is not on PATH: its tests are skipped. To run them, install it (Debian: apt-get install ${debianPackages.join(" ")}) or set ${variable}.`,
    );
  }
  return {
    variables: Object.fromEntries(programs.map((program) => [program.variable, find(program) ?? ""])),
    complete: !programs.some(isMissing),
  };
}

function find({ variable, names }) {
  if (process.env[variable]) return process.env[variable];
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function install(missing) {
  const titles = missing.map(({ title }) => title).join(" and ");
  const packages = missing.flatMap(({ debianPackages }) => debianPackages);
  const began = Date.now();
  process.stderr.write(`Installing ${titles} … `);
  // RUNLEVEL=1: the package must not start a server of its own; the tests start theirs and end it.
  const env = { ...environment(), DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  const aptGet = (...args) => run("apt-get", ["-q", "-y", ...args], { stdio: "collect", env });

  await aptGet("update");
  const { code, output, interrupted } = await aptGet("install", "--no-install-recommends", ...packages);
  process.stderr.write(`${code === 0 ? "" : "failed, "}${((Date.now() - began) / 1000).toFixed(1)} s\n`);
  if (interrupted) process.exit(130);
  if (code !== 0) console.error(output.trimEnd().split("\n").slice(-5).join("\n"));
}
