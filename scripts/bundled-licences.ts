// A bundler plugin: the licences of the packages whose code went into dist are packed beside it, as they ask.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Rolldown } from "tsdown";

export function bundledLicences(): Rolldown.Plugin {
  return {
    name: "bundled-licences",
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type !== "chunk") continue;
        for (const [id, module] of Object.entries(output.modules)) {
          const folder = packageFolder(id);
          // A module of which nothing was kept is listed too.
          if (folder && module.renderedLength > 0) folders.add(folder);
        }
      }
      if (folders.size > 0) {
        this.emitFile({ type: "asset", fileName: "THIRD_PARTY_LICENSES", source: notices([...folders].sort()) });
      }
    },
  };
}

/** "…/node_modules/@scope/name/lib/x.js" is of the package in "…/node_modules/@scope/name". */
export const packageFolder = (moduleId: string): string | undefined =>
  /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(moduleId)?.[1];

function notices(folders: string[]): string {
  const parts = folders.map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (!file) throw new Error(`${name} is compiled in but has no licence file to pack`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return `Parts of these packages are compiled into this one.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
