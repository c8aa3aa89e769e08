import assert from "node:assert/strict";
import { emulator, startServer } from "./support.mjs";

const server = await startServer("node", ["server.js"], { path: "/health" });
const get = async (path) => {
  const response = await fetch(server.url + path);
  return [response.status, await response.json()];
};

assert.deepEqual((await get("/health"))[0], 200);
const answers = await Promise.all(Array.from({ length: 20 }, () => get("/account")));
for (const [status, { accountId }] of answers) assert.ok(status === 200 && accountId);
assert.equal(await emulator.requestCount("naver.token"), 1);

const [status, health] = await get("/health");
assert.equal(status, 200);
assert.ok(health.usable && health.expiresAt > Date.now());

await emulator.fault({ endpoint: "naver.api", kind: "status", status: 403, times: 1 });
assert.deepEqual(await get("/account"), [502, { error: "Naver does not answer. Try again later." }]);
await server.stop();
assert.match(server.output, /NaverApiError/);

// A secret that Naver rejects shows in the health endpoint, after the first call.
await emulator.fault({ endpoint: "naver.token", kind: "provider-error", code: "GW.AUTHN" });
const refused = await startServer("node", ["server.js"], { path: "/account" });
const response = await fetch(`${refused.url}/health`);
assert.equal(response.status, 503);
assert.equal((await response.json()).lastError, "invalid_credentials");
await refused.stop();
