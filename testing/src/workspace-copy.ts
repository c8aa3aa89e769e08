// A copy of this repository that a test may change, build and release.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const workspaceRoot = fileURLToPath(new URL("../..", import.meta.url));

/**
 * Copies files and folders of the repository, without what is built, to a temporary folder and returns it. It uses the
 * packages that are installed here, but packages of the workspace link to their copies.
 *
 * @param packages folders with a package.json, from the root on
 * @param others everything else
 */
export function copyWorkspace(packages: readonly string[], others: readonly string[] = []): string {
  const copy = realpathSync(mkdtempSync(join(tmpdir(), "workspace-copy-")));
  const isSource = (path: string) => !/[\\/](node_modules|dist|\.turbo)$/.test(path);
  for (const part of [...packages, ...others]) {
    cpSync(join(workspaceRoot, part), join(copy, part), { recursive: true, filter: isSource });
  }
  for (const folder of ["", ...packages]) linkModules(folder, packages, copy);
  return copy;
}

function linkModules(folder: string, packages: readonly string[], copy: string): void {
  const modules = join(workspaceRoot, folder, "node_modules");
  if (!existsSync(modules)) return;
  const entries = readdirSync(modules).filter((entry) => !entry.startsWith("."));
  const names = entries.flatMap((entry) =>
    entry.startsWith("@") ? readdirSync(join(modules, entry)).map((name) => `${entry}/${name}`) : [entry],
  );
  for (const name of names) {
    const installed = realpathSync(join(modules, name));
    const place = relative(realpathSync(workspaceRoot), installed);
    const link = join(copy, folder, "node_modules", name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(packages.includes(place) ? join(copy, place) : installed, link);
  }
}
