// Where the published packages say they come from. The `repository` of the root's package.json is the one place to
// change; run this program afterwards to bring the packages in line.

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

if (import.meta.main) {
  for (const file of globSync("packages/*/package.json", { cwd: root })) {
    const { name, version, description, keywords, homepage, bugs, repository, ...others } = readJson(join(root, file));
    const origin = originOf(readJson(join(root, "package.json")), dirname(file));
    const manifest = { name, version, description, keywords, ...origin, ...others };
    writeFileSync(join(root, file), `${JSON.stringify(manifest, undefined, 2)}\n`);
  }
}
