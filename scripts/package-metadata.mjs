// Derives what the published packages repeat. From the root's `repository`: the origin in manifests and in the READMEs'
// links. From `exports`: the fields that older tools read. Run this program after a change of one of them.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readJson, root } from "./workspace.mjs";

/** The repository's page, without a slash at the end. */
export function pageOf({ repository }) {
  return repository.url.replace(/^git\+/, "").replace(/\.git$/, "");
}

/** Links to the repository's page, under any owner. The last part of the address is its name. */
export function repositoryLinks(page) {
  const [name = ""] = page.split("/").slice(-1);
  return new RegExp(`https://github\\.com/[\\w-]+/${name}(?![\\w-])`, "g");
}

/**
 * The fields of a package's manifest that name its origin.
 *
 * @param {{ repository: { type: string, url: string } }} rootManifest
 * @param {string} folder the package's folder below the root
 */
export function originOf({ repository }, folder) {
  const page = pageOf({ repository });
  return {
    homepage: `${page}/tree/main/${folder}#readme`,
    bugs: `${page}/issues`,
    repository: { ...repository, directory: folder },
  };
}

/**
 * The fields for tools that do not know `exports`: the main entry, and for TypeScript the other entries' declarations.
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
  const page = pageOf(readJson(join(root, "package.json")));
  for (const file of globSync("packages/*/README*.md", { cwd: root })) {
    const text = readFileSync(join(root, file), "utf8");
    writeFileSync(join(root, file), text.replaceAll(repositoryLinks(page), page));
  }
  for (const file of globSync("packages/*/package.json", { cwd: root })) {
    const { name, version, description, keywords, homepage, bugs, repository, ...others } = readJson(join(root, file));
    const origin = originOf(readJson(join(root, "package.json")), dirname(file));
    const manifest = { name, version, description, keywords, ...origin, ...others, ...olderFieldsOf(others.exports) };
    writeFileSync(join(root, file), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}
