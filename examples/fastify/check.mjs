import assert from "node:assert/strict";
import { emulator, startServer } from "./support.mjs";

const server = await startServer("node", ["server.js"], { path: "/" });
const get = async (path) => {
  const response = await fetch(server.url + path);
  return [response.status, await response.json()];
};

const answers = await Promise.all(Array.from({ length: 20 }, () => get("/account")));
for (const [status, { accountId }] of answers) assert.ok(status === 200 && accountId);
assert.equal(await emulator.requestCount("naver.token"), 1);

await emulator.fault({ endpoint: "naver.api", kind: "status", status: 403, times: 1 });
assert.deepEqual(await get("/account"), [502, { error: "Naver does not answer. Try again later." }]);
await server.stop();
assert.match(server.output, /NaverApiError/);
