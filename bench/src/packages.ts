import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const benchFolder = fileURLToPath(new URL("..", import.meta.url));

/** The contenders' project. Node finds the packages of both projects from here. */
export const contendersFolder = join(benchFolder, "contenders");

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** The installed versions of a project's direct dependencies, without the packages of this repository. */
export function versionsIn(project: string): ReadonlyMap<string, string> {
  const dependencies = Object.entries(manifestIn(project).devDependencies ?? {});
  return new Map(
    dependencies
      .filter(([, range]) => !range.startsWith("workspace:"))
      .map(([name]) => [name, manifestIn(join(project, "node_modules", name)).version]),
  );
}
