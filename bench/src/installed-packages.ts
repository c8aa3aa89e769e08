import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { manifestIn } from "./versions.ts";

/** What is on disk after a package was installed alone. */
export interface Installed {
  readonly bytes: number;
  readonly packages: readonly string[];
}

/** The package and all that it depends on, each counted once. Those of this repo are counted as they are packed. */
export function installed(name: string, from: string): Installed {
  const sizes = new Map<string, number>();
  add(name, from);
  const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0);
  return { bytes, packages: [...sizes.keys()].sort() };

  function add(name: string, from: string): void {
    const folder = folderOf(name, from);
    const { version, dependencies = {} } = manifestIn(folder);
    const key = `${name}@${version}`;
    if (sizes.has(key)) return;
    sizes.set(key, isOfThisRepo(folder) ? packedBytes(folder) : bytesIn(folder));
    for (const dependency of Object.keys(dependencies)) add(dependency, folder);
  }
}

function isOfThisRepo(folder: string): boolean {
  return !folder.includes("node_modules");
}

/** As Node finds it: in the nearest `node_modules` upwards that has it. */
function folderOf(name: string, from: string): string {
  for (const folder of createRequire(join(from, "package.json")).resolve.paths(name) ?? []) {
    try {
      return realpathSync(join(folder, name));
    } catch {}
  }
  throw new Error(`${name} is not installed.`);
}

/** Without the packages that are installed inside of it. */
function bytesIn(folder: string): number {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? sum : sum + bytesIn(path);
    return sum + statSync(path).size;
  }, 0);
}

const packed = new Map<string, number>();

function packedBytes(folder: string): number {
  const known = packed.get(folder);
  if (known !== undefined) return known;
  const temporary = mkdtempSync(join(tmpdir(), "bench-packed-"));
  try {
    const pack = ["pack", "--json", "--pack-destination", temporary];
    const { filename } = JSON.parse(execFileSync("pnpm", pack, { cwd: folder, encoding: "utf8" })) as {
      filename: string;
    };
    execFileSync("tar", ["-xzf", join(temporary, basename(filename)), "-C", temporary]);
    const bytes = bytesIn(join(temporary, "package"));
    packed.set(folder, bytes);
    return bytes;
  } catch (error) {
    throw new Error(`${basename(dirname(folder))}/${basename(folder)} cannot be packed: ${String(error)}`);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
