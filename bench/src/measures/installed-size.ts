import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { PEERS, PROVIDERS } from "../clients/contenders.ts";
import { type Measure, measureEach, rowsOf } from "../measure.ts";
import { contendersFolder, manifestIn } from "../packages.ts";
import { figure, megabytes } from "../report/figures.ts";

const MOST_BYTES = 1_500_000;
const MOST_PACKAGES = 4;

export const installedSize: Measure = {
  name: "installed-size",
  title: "Installed size",
  explanation:
    "One package alone in an empty folder: the bytes of its files and of all its dependencies, and the number of " +
    "packages. Ours are counted as they are packed, core included.",
  isQuick: true,
  async run({ quick }) {
    const names = [...PROVIDERS, ...(quick ? [] : PEERS)];
    const outcomes = await measureEach(names, async (name) => installed(name));
    return {
      data: Object.fromEntries(outcomes.results),
      tables: [
        {
          columns: ["", "bytes", "packages"],
          rows: rowsOf(names, outcomes, ({ bytes, packages }) => [megabytes(bytes), figure(packages.length)]),
        },
      ],
      targets: PROVIDERS.flatMap((name) => {
        const { bytes = Number.NaN, packages = [] } = outcomes.results.get(name) ?? {};
        return [
          {
            wanted: `${name}: at most ${megabytes(MOST_BYTES)}`,
            reached: megabytes(bytes),
            isMet: bytes <= MOST_BYTES,
            isExact: true,
          },
          {
            wanted: `${name}: at most ${MOST_PACKAGES} packages`,
            reached: figure(packages.length),
            isMet: packages.length > 0 && packages.length <= MOST_PACKAGES,
            isExact: true,
          },
        ];
      }),
    };
  },
};

interface Installed {
  readonly bytes: number;
  readonly packages: readonly string[];
}

/** The package and its dependencies, each counted once. */
function installed(packageName: string): Installed {
  const sizes = new Map<string, number>();
  add(packageName, contendersFolder);
  const bytes = [...sizes.values()].reduce((sum, each) => sum + each, 0);
  return { bytes, packages: [...sizes.keys()].sort() };

  function add(name: string, from: string): void {
    const folder = folderOf(name, from);
    const { version, dependencies = {} } = manifestIn(folder);
    const key = `${name}@${version}`;
    if (sizes.has(key)) return;
    sizes.set(key, isOfThisRepository(folder) ? packedBytes(folder) : bytesIn(folder));
    for (const dependency of Object.keys(dependencies)) add(dependency, folder);
  }
}

function isOfThisRepository(folder: string): boolean {
  return !folder.includes("node_modules");
}

/** Searches as Node does: in the nearest `node_modules` upwards. */
function folderOf(name: string, from: string): string {
  for (const folder of createRequire(join(from, "package.json")).resolve.paths(name) ?? []) {
    try {
      return realpathSync(join(folder, name));
    } catch {}
  }
  throw new Error(`${name} is not installed.`);
}

/** Without the packages that are installed inside it. */
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
    const output = execFileSync("pnpm", pack, { cwd: folder, encoding: "utf8" });
    const { filename } = JSON.parse(output) as { filename: string };
    execFileSync("tar", ["-xzf", join(temporary, basename(filename)), "-C", temporary]);
    const bytes = bytesIn(join(temporary, "package"));
    packed.set(folder, bytes);
    return bytes;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
