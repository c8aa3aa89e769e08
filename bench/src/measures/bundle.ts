import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown } from "rolldown";
import { failure, kilobytes } from "../figures.ts";
import type { Measure } from "../measure.ts";
import { benchFolder, manifestIn } from "../versions.ts";

/** What a Worker would import. */
const ENTRIES: Readonly<Record<string, string>> = {
  "@x/toss-shopping-auth": 'import { createTossShoppingAuth as use } from "@x/toss-shopping-auth"; export default use;',
  "@x/naver-commerce-auth":
    'import { createNaverCommerceAuth as use } from "@x/naver-commerce-auth"; export default use;',
  "@x/iamport-auth": 'import { createIamportAuth as use } from "@x/iamport-auth"; export default use;',
  "ky alone": 'export { default } from "ky";',
  "bcryptjs alone": 'export { hashSync as default } from "bcryptjs";',
  "google-auth-library": 'export { OAuth2Client as default } from "google-auth-library";',
  "@octokit/auth-app": 'export { createAppAuth as default } from "@octokit/auth-app";',
  "@badgateway/oauth2-client": 'export { OAuth2Client as default, OAuth2Fetch } from "@badgateway/oauth2-client";',
  "openid-client": 'export { clientCredentialsGrant as default, Configuration } from "openid-client";',
};

const LARGEST_BYTES = 25 * 1_024;

export const bundle: Measure = {
  name: "bundle",
  title: "Bundle for Workers",
  explanation:
    `One entry that imports the function that makes a provider's auth, bundled by rolldown ${manifestIn(join(benchFolder, "node_modules/rolldown")).version}, minified, and compressed ` +
    "with gzip -9. Modules of Node stay outside. Naver's bcryptjs is a chunk of its own, loaded at the first signature, " +
    "and counted.",
  notes: [
    "ky, zod/mini (5.5) and, for Naver, bcryptjs come to 14 and 22 KB before the first line of ours; core is 13, of which " +
      "SHA-256 2.6. Checks by hand in place of zod would meet the target for Toss and iamport, and nothing would for " +
      "Naver; the smallest SHA-256 that is kept up saves 1. Neither is worth what it takes: schemas that say what an " +
      "answer is, and a hash that was audited.",
  ],
  isQuick: false,
  async run() {
    const sizes: Record<string, { minified: number; gzip: number }> = {};
    const rows: string[][] = [];
    for (const [name, source] of Object.entries(ENTRIES)) {
      try {
        const size = await bundled(source);
        sizes[name] = size;
        rows.push([name, kilobytes(size.minified), kilobytes(size.gzip)]);
      } catch (error) {
        rows.push([name, failure(error)]);
      }
    }
    return {
      data: sizes,
      tables: [{ columns: ["", "minified", "minified and gzip"], rows }],
      targets: Object.keys(ENTRIES)
        .filter((name) => name.startsWith("@x/"))
        .map((name) => {
          const gzip = sizes[name]?.gzip ?? Number.NaN;
          return {
            wanted: `${name}: at most ${kilobytes(LARGEST_BYTES)}`,
            reached: kilobytes(gzip),
            isMet: gzip <= LARGEST_BYTES,
          };
        }),
    };
  },
};

async function bundled(source: string): Promise<{ minified: number; gzip: number }> {
  // Inside this package, so that the entry finds what it imports.
  const folder = mkdtempSync(join(benchFolder, "node_modules/.bundle-"));
  try {
    const input = join(folder, "entry.mjs");
    writeFileSync(input, source);
    const build = await rolldown({
      input,
      platform: "browser",
      external: [/^node:/],
      resolve: { conditionNames: ["workerd", "worker", "import", "browser", "default"] },
      logLevel: "silent",
    });
    const { output } = await build.generate({ format: "esm", minify: true });
    await build.close();
    const chunks = output.flatMap((chunk) => (chunk.type === "chunk" ? [chunk.code] : []));
    const sum = (size: (code: string) => number) => chunks.reduce((total, code) => total + size(code), 0);
    return {
      minified: sum((code) => Buffer.byteLength(code)),
      gzip: sum((code) => gzipSync(code, { level: 9 }).length),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
