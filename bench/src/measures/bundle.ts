import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { rolldown, VERSION } from "rolldown";
import { PROVIDERS } from "../clients/contenders.ts";
import { type Measure, measureEach, rowsOf } from "../measure.ts";
import { contendersFolder } from "../packages.ts";
import { kilobytes } from "../report/figures.ts";

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

const MOST_BYTES = 25 * 1_024;

export const bundle: Measure = {
  name: "bundle",
  title: "Bundle for Workers",
  explanation:
    `One entry that imports the function that creates a provider's auth. rolldown ${VERSION} bundles and minifies it, ` +
    "gzip -9 compresses it. Node's own modules stay outside. The size includes Naver's bcryptjs, a chunk of its own that " +
    "loads with the first signature.",
  isQuick: false,
  async run() {
    const names = Object.keys(ENTRIES);
    const outcomes = await measureEach(names, (name) => bundleSize(ENTRIES[name] as string));
    return {
      data: Object.fromEntries(outcomes.results),
      tables: [
        {
          columns: ["", "minified", "minified and gzip"],
          rows: rowsOf(names, outcomes, ({ minified, gzip }) => [kilobytes(minified), kilobytes(gzip)]),
        },
      ],
      targets: PROVIDERS.map((name) => {
        const { gzip = Number.NaN } = outcomes.results.get(name) ?? {};
        return {
          wanted: `${name}: at most ${kilobytes(MOST_BYTES)}`,
          reached: kilobytes(gzip),
          isMet: gzip <= MOST_BYTES,
        };
      }),
    };
  },
};

async function bundleSize(source: string): Promise<{ minified: number; gzip: number }> {
  // Inside the contenders' project, where the entry finds all packages.
  const folder = mkdtempSync(join(contendersFolder, "node_modules/.bundle-"));
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
