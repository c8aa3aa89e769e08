import { describe, expect, it } from "vitest";
import { findChromium, resultInBrowser } from "../browser.ts";
import type { ProviderTests } from "./provider-tests.ts";

const chromium = findChromium();
if (chromium === undefined) console.warn("Chromium is not there: set CHROMIUM to run the test in a browser.");

/** What a bundler may put in, for packages that were written for Node. */
const NODE_SHIM = 'globalThis.process = { env: { NODE_ENV: "production" }, browser: true, version: "", versions: {} };';

/** A browser, where everybody could read the secret. */
export function testBrowser({ folder, provider, createAuth, keys }: ProviderTests) {
  describe("in a browser", () => {
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
