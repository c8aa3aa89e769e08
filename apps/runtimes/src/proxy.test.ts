import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { startEmulator } from "@x/commerce-auth-emulator";
import { describe, expect, it } from "vitest";
import { findProgram, mustBeThere } from "./programs.test-support.ts";
import { HIDDEN_HOST, hideBehindProxy } from "./proxy.test-support.ts";

const page = await readFile(new URL("../../../docs/proxies.md", import.meta.url), "utf8");
const PLAIN = `import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
const naver = createNaverCommerceAuth();`;
const CALL = `
import { naverResult } from "@x/naver-commerce-auth";
console.log((await naverResult(naver.api.get("v1/seller/account"))).accountId);`;

/** The page's block for a runtime. */
function block(name: string): string {
  const [, code] = new RegExp(`^\`\`\`${name}\n(.*?)^\`\`\``, "ms").exec(page) ?? [];
  if (code === undefined) throw new Error(`docs/proxies.md has no block "${name}"`);
  return code;
}

const byVariables = (proxyUrl: string) => ({ HTTPS_PROXY: proxyUrl });
const byNodesVariables = (proxyUrl: string) => ({ ...byVariables(proxyUrl), NODE_USE_ENV_PROXY: "1" });
const byOption = (proxyUrl: string) => ({ PROXY_URL: proxyUrl });
const DENO_OPTIONS = ["run", "--allow-all", "--no-lock", "--node-modules-dir=manual"];

describe("a proxy with a fixed address", () => {
  it.for([
    ["node22", "the variables", PLAIN, byNodesVariables],
    ["node", "the variables", PLAIN, byNodesVariables],
    ["node26", "the variables", PLAIN, byNodesVariables],
    ["node22", "undici's ProxyAgent", block("js"), byOption],
    ["node", "undici's ProxyAgent", block("js"), byOption],
    ["node26", "undici's ProxyAgent", block("js"), byOption],
    ["bun", "the variables", PLAIN, byVariables],
    ["bun", "fetch's option proxy", block("js bun"), byOption],
    ["deno", "the variables", PLAIN, byVariables],
    ["deno", "an HTTP client", block("js deno"), byOption],
  ] as const)("in %s, by %s, has all requests", async ([name, way, code, settings], { skip }) => {
    const program = name === "node" ? process.execPath : findProgram(name);
    if (program === undefined && !mustBeThere()) return skip();
    await using emulator = await startEmulator();
    await using hidden = await hideBehindProxy(Number(new URL(emulator.origin).port));
    const file = fileURLToPath(new URL(`../.turbo/proxy/${name} ${way}.mjs`, import.meta.url));
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, code + CALL);
    const { stdout } = await promisify(execFile)(`${program}`, [...(name === "deno" ? DENO_OPTIONS : []), file], {
      timeout: 25_000,
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        COMMERCE_AUTH_EMULATOR: `https://${HIDDEN_HOST}`,
        COMMERCE_AUTH_EMULATOR_HOSTS: HIDDEN_HOST,
        NODE_EXTRA_CA_CERTS: hidden.certificate,
        DENO_CERT: hidden.certificate,
        DENO_NO_UPDATE_CHECK: "1",
        ...settings(hidden.proxyUrl),
      },
    });
    await rm(file);
    expect(stdout.trim()).toBe(`own-shop-of-${emulator.naver.credentials.clientId}`);
    expect(new Set(hidden.tunnels)).toEqual(new Set([`${HIDDEN_HOST}:443`]));
    expect([emulator.requestCount("naver.token"), emulator.requestCount("naver.api")]).toEqual([1, 1]);
  });
});
