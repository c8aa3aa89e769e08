import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const benchFolder = fileURLToPath(new URL("..", import.meta.url));

interface Manifest {
  readonly version: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export function manifestIn(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/** What is measured here, by package. */
export function versions(): Map<string, string> {
  const { devDependencies = {} } = manifestIn(benchFolder);
  const isOurs = (name: string) => devDependencies[name]?.startsWith("workspace:");
  return new Map(
    Object.keys(devDependencies)
      .filter((name) => !isOurs(name))
      .map((name) => [name, manifestIn(join(benchFolder, "node_modules", name)).version]),
  );
}
