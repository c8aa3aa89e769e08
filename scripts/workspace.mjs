// The paths of this repository, and how to run a program in it.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
export const readJson = (path) => JSON.parse(readFileSync(path, "utf8"));

/** For example "pnpm@12.0.1". The root's package.json is the one place that names it. */
export const packageManager = readJson(join(root, "package.json")).packageManager;

// pnpm is kept beside the packages that it installs, so that a second run needs no network.
export const pnpmHome = join(root, "node_modules/.cache", packageManager);

const ourPrograms = [join(root, "node_modules/.bin"), join(pnpmHome, "node_modules/.bin")];

/** The environment of every child process: our Node and pnpm come first on PATH, and no tool sends telemetry. */
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
  /** The output is collected, and shown only if the program fails. */
  collect: ["ignore", "pipe", "pipe"],
};

/**
 * Runs a program to its end and never leaves it behind. Ctrl-C in a terminal reaches it anyway. Any other signal to
 * this process is passed on to it, by its pid.
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
    // A `kill` of npm ends npm and its shell without a signal to us: we see only that our parent has gone.
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

/** Runs turbo: it runs what changed, and replays the rest. */
export const turbo = (args, options) =>
  run(process.execPath, [join(root, "node_modules/turbo/bin/turbo"), ...args], options);

/** Ends this program with a message: what went wrong, and what to do. */
export function giveUp(message, output = "") {
  console.error(`${output.trimEnd()}\n\n${message}`);
  process.exit(1);
}
