import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { contendersFolder } from "../packages.ts";

/**
 * Installs the contenders' packages and checks the types of the modules that use them. Does nothing while the
 * contenders' project is as it was the last time.
 */
export function installContenders(progress: (text: string) => void): void {
  const stampFile = join(contendersFolder, "node_modules/.installed");
  const wanted = fingerprint();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;

  progress("installing their packages");
  run("pnpm", ["install", "--frozen-lockfile"], "Is the npm registry reachable? Then run it again.");
  progress("checking types");
  run("tsc", [], "A contender's module does not fit its package.");
  writeFileSync(stampFile, wanted);
}

function run(program: string, args: readonly string[], advice: string): void {
  try {
    execFileSync(program, args, { cwd: contendersFolder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    throw new Error(`${stdout}${stderr}\n${program} failed in bench/contenders. ${advice}`);
  }
}

/** Changes with every file of the project. */
function fingerprint(): string {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const entry of readdirSync(contendersFolder, { withFileTypes: true })) {
    if (entry.isFile()) hash.update(entry.name).update(readFileSync(join(contendersFolder, entry.name)));
  }
  return hash.digest("hex");
}
