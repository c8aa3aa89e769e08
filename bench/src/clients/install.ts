import { execFileSync } from "node:child_process";
import { contendersFolder } from "../packages.ts";

/**
 * Installs the contenders' packages, and checks the types of the modules that use them. Quick if they are installed
 * already.
 */
export function installContenders(progress: (text: string) => void): void {
  progress("installing their packages");
  run("pnpm", ["install", "--frozen-lockfile"], "Is the npm registry reachable? Then run it again.");
  progress("checking types");
  run("tsc", [], "A contender's module does not fit its package.");
}

function run(program: string, args: readonly string[], advice: string): void {
  try {
    execFileSync(program, args, { cwd: contendersFolder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}\n${program} failed in bench/contenders. ${advice}`);
  }
}
