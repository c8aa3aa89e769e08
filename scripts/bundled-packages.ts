// A bundler plugin: lists the packages that were compiled into the code, for people (licences) and for scanners (an
// SBOM: a software bill of materials).

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Rolldown } from "tsdown";

/** What the files need of a package's own manifest. */
interface BundledPackage {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
  readonly license: string;
}

export function bundledPackages(): Rolldown.Plugin {
  return {
    name: "bundled-packages",
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type !== "chunk") continue;
        for (const [id, module] of Object.entries(output.modules)) {
          const folder = packageFolder(id);
          // A module that was removed as unused is listed too.
          if (folder && module.renderedLength > 0) folders.add(folder);
        }
      }
      const packages = [...folders].sort().map(readPackage);
      const json = JSON.stringify(sbom(readPackage(process.cwd()), packages), undefined, 2);
      this.emitFile({ type: "asset", fileName: "sbom.cdx.json", source: `${json}\n` });
      if (packages.length > 0) {
        this.emitFile({ type: "asset", fileName: "THIRD_PARTY_LICENSES", source: notices(packages) });
      }
    },
  };
}

/** "…/node_modules/@scope/name/lib/x.js" belongs to the package in "…/node_modules/@scope/name". */
export const packageFolder = (moduleId: string): string | undefined =>
  /^(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(moduleId)?.[1];

/** CycloneDX 1.6. It leaves out installed dependencies: package managers know these. */
export function sbom(made: Omit<BundledPackage, "folder">, compiledIn: readonly Omit<BundledPackage, "folder">[]) {
  const component = ({ name, version, license }: Omit<BundledPackage, "folder">) => ({
    type: "library",
    "bom-ref": packageUrl(name, version),
    name,
    version,
    licenses: [{ license: { id: license } }],
    purl: packageUrl(name, version),
  });
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: component(made) },
    components: compiledIn.map(component),
    dependencies: [
      {
        ref: packageUrl(made.name, made.version),
        dependsOn: compiledIn.map(({ name, version }) => packageUrl(name, version)),
      },
    ],
  };
}

/** The purl of an npm package: its scope's `@` is escaped. */
const packageUrl = (name: string, version: string) => `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;

function readPackage(folder: string): BundledPackage {
  return { folder, ...JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) };
}

function notices(packages: readonly BundledPackage[]): string {
  const parts = packages.map(({ folder, name, version, license }) => {
    const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
    if (!file) throw new Error(`${name} is compiled in but has no licence file to pack`);
    return `${name} ${version} (${license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return `Parts of these packages are compiled into this one.\n\n${parts.join(`\n${"-".repeat(80)}\n\n`)}`;
}
