// Where things are in this repo, and how a program is run here.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** For example "pnpm@12.0.1": the one place that says which pnpm this repo is built with. */
export const packageManager = readJson(join(root, "package.json")).packageManager;

// pnpm is kept beside the packages that it installs, so that a second run asks the network for nothing.
export const pnpmHome = join(root, "node_modules/.cache", packageManager);

const ourPrograms = [join(root, "node_modules/.bin"), join(pnpmHome, "node_modules/.bin")];

/** What every child runs with: our Node and our pnpm come first on PATH, and no tool phones home. */
export function environment() {
  const { npm_config_loglevel: _silent, ...inherited } = process.env; // .npmrc's "silent" is for `npm run` alone
  return {
    ...inherited,
    PATH: [...ourPrograms, process.env.PATH].join(delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
    ...(process.stdout.isTTY || process.env.FORCE_COLOR ? {} : { NO_COLOR: "1" }), // turbo would colour a file, too
  };
}

const streams = {
  inherit: "inherit",
  /** Everything is collected, to be shown only if the program fails. */
  collect: ["ignore", "pipe", "pipe"],
};

/**
 * Runs a program to its end and never leaves it behind: Ctrl-C in a terminal reaches it anyway, any other signal to this
 * process is handed on to it, by its pid.
 */
export function run(command, args, { stdio = "inherit", cwd = root, env = environment() } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: streams[stdio], shell: process.platform === "win32" });
    let output = "";
    let interrupted = false;
    const collect = (chunk) => (output += chunk);
    child.stdout?.on("data", collect);
    child.stderr?.on("data", collect);

    const handOn = (signal) => {
      interrupted = true;
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    };
    const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
    for (const signal of signals) process.on(signal, handOn);
    // A `kill` of npm ends npm and its shell, and tells us nothing: we see only that our parent has gone.
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      handOn("SIGTERM");
    }, 500);

    child.on("error", reject);
    child.on("close", (code, signal) => {
      clearInterval(watch);
      for (const name of signals) process.off(name, handOn);
      resolve({ code: code ?? 128 + constants.signals[signal ?? "SIGKILL"], output, interrupted });
    });
  });
}

/** Runs turbo, which runs what changed and replays the rest. */
export const turbo = (args, options) =>
  run(process.execPath, [join(root, "node_modules/turbo/bin/turbo"), ...args], options);

/** Ends this program with what went wrong and what to do about it. */
export function giveUp(message, output = "") {
  console.error(`${output.trimEnd()}\n\n${message}`);
  process.exit(1);
}
