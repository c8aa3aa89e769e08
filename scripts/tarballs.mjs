// The published packages as a user gets them.

import { execFileSync } from "node:child_process";
import { globSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { environment, readJson, root } from "./workspace.mjs";

/**
 * Packs every published package into a folder.
 *
 * @param {string} folder
 * @returns {Record<string, string>} the version of each package for a user's package.json, by the package's name
 */
export function packAll(folder) {
  /** @type {Record<string, string>} */
  const tarballs = {};
  for (const file of globSync("packages/*/package.json", { cwd: root })) {
    const pack = ["pack", "--json", "--pack-destination", folder];
    const options = { cwd: join(root, dirname(file)), encoding: /** @type {const} */ ("utf8"), env: environment() };
    const { filename } = JSON.parse(execFileSync("pnpm", pack, options));
    tarballs[readJson(join(root, file)).name] = `file:${join(folder, basename(filename))}`;
  }
  return tarballs;
}
