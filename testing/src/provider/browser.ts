import { describe, expect, it } from "vitest";
import { bundledForBrowser, resultInBrowser } from "../browser.ts";
import { findChromium } from "../chromium.ts";
import type { ProviderTests } from "./provider-tests.ts";

const chromium = findChromium();
if (chromium === undefined) console.warn("Chromium is not there: set CHROMIUM to run the test in a browser.");

/** What a bundler may add for packages that were written for Node. */
const NODE_SHIM = 'globalThis.process = { env: { NODE_ENV: "production" }, browser: true, version: "", versions: {} };';

/** A browser: there, everybody could read the secret. */
export function testBrowser({ folder, provider, createAuth, keys }: ProviderTests) {
  const code = `export { ${createAuth.name} } from "@x/${provider}-auth";`;

  it("does not build for a web page, and the error says the reason", async () => {
    const build = bundledForBrowser(code, folder, ["import", "module", "browser", "development"]);
    await expect(build).rejects.toThrow(
      `@x/${provider}-auth runs on servers only, since in a browser everybody could read the secret`,
    );
  });

  it.each([
    ["a Worker by wrangler", ["workerd", "worker", "browser"]],
    ["a Worker by webpack", ["worker", "browser", "import", "module"]],
    ["the edge runtime of Next.js", ["edge-light", "worker", "browser", "import", "module"]],
    ["Deno Deploy", ["deno", "browser", "import"]],
    ["Bun's server", ["bun", "node", "browser", "import"]],
    ["Vite's server side", ["node", "module", "import", "browser"]],
  ])("builds for %s, whose bundler takes files for browsers too", async (_where, conditions) => {
    expect(await bundledForBrowser(code, folder, conditions)).toContain(createAuth.name);
  });

  describe("in a browser, bundled as for a Web Worker", () => {
    it.skipIf(chromium === undefined && process.env["CI"] !== "true").for([
      ["as it is", ""],
      ["with Node's process simulated", NODE_SHIM],
    ] as const)("the client refuses to run, %s", async ([, shim]) => {
      if (chromium === undefined) throw new Error("Chromium is not there, and CI=true: this is a failure.");
      const code = `
        import { ${createAuth.name} as createAuth } from "@x/${provider}-auth";
        ${shim}
        try {
          createAuth(${JSON.stringify(keys)});
          globalThis.result = "it was made";
        } catch ({ name, code, message, provider }) {
          globalThis.result = { name, code, message, provider };
        }`;
      expect(await resultInBrowser(chromium, code, folder)).toEqual({
        name: "TokenError",
        code: "invalid_options",
        message: "This runs on servers only: in a browser everybody could read the secret.",
        provider,
      });
    });
  });
}
