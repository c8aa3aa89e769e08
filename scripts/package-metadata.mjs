// What the published packages' manifests say twice: where they come from, which the root's `repository` says, and what
// stands for `exports` in older tools. Run this program after a change of one of them to bring the packages in line.

import { globSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson, root } from "./workspace.mjs";

/**
 * What a package's manifest has to say of its origin.
 *
 * @param {{ repository: { type: string, url: string } }} rootManifest
 * @param {string} folder the package's folder below the root
 */
export function originOf({ repository }, folder) {
  const page = repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
  return {
    homepage: `${page}/tree/main/${folder}#readme`,
    bugs: `${page}/issues`,
    repository: { ...repository, directory: folder },
  };
}

/**
 * What tools read that do not know `exports`: the main entry, and for TypeScript the other entries' declarations.
 *
 * @param {{ ".": Entry, [path: string]: Entry } | undefined} exports undefined: the package is a command only
 * @typedef {{ types: string, default: string }} Entry
 */
export function olderFieldsOf(exports) {
  if (exports === undefined) return {};
  const {
    ".": { types, default: main },
    ...others
  } = exports;
  const paths = Object.entries(others).map(([path, entry]) => [path.slice("./".length), [entry.types]]);
  return { main, types, typesVersions: paths.length > 0 ? { "*": Object.fromEntries(paths) } : undefined };
}

if (import.meta.main) {
  for (const file of globSync("packages/*/package.json", { cwd: root })) {
    const { name, version, description, keywords, homepage, bugs, repository, ...others } = readJson(join(root, file));
    const origin = originOf(readJson(join(root, "package.json")), dirname(file));
    const manifest = { name, version, description, keywords, ...origin, ...others, ...olderFieldsOf(others.exports) };
    writeFileSync(join(root, file), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}
