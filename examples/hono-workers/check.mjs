// Bundles the Worker with wrangler, as a deployment does, and runs it in miniflare.

import assert from "node:assert/strict";
import { Miniflare } from "miniflare";
import { emulator, run } from "./support.mjs";

const settings = { WRANGLER_SEND_METRICS: "false", CI: "true", XDG_CONFIG_HOME: process.cwd() };
const bundle = ["deploy", "--dry-run", "--outdir", "dist"];
await run("node", ["node_modules/wrangler/bin/wrangler.js", ...bundle], settings);

const names = ["COMMERCE_AUTH_EMULATOR", "NAVER_COMMERCE_CLIENT_ID", "NAVER_COMMERCE_CLIENT_SECRET"];
const worker = new Miniflare({
  modules: true,
  scriptPath: "dist/worker.js",
  compatibilityDate: "2026-07-01",
  compatibilityFlags: ["nodejs_compat"],
  bindings: Object.fromEntries(names.map((name) => [name, process.env[name]])),
});
try {
  const get = async () => {
    const response = await worker.dispatchFetch("http://shop.test/account");
    return [response.status, await response.json()];
  };
  const [status, { accountId }] = await get();
  assert.ok(status === 200 && accountId);
  const answers = await Promise.all(Array.from({ length: 20 }, get));
  for (const [each] of answers) assert.equal(each, 200);
  assert.equal(await emulator.requestCount("naver.token"), 1);

  await emulator.fault({ endpoint: "naver.api", kind: "status", status: 403, times: 1 });
  assert.deepEqual(await get(), [502, { error: "Naver does not answer. Try again later." }]);
} finally {
  await worker.dispose();
}
