import assert from "node:assert/strict";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import { emulator, startServer } from "./support.mjs";

const server = await startServer("node", ["server.js"], { path: "/metrics" });
const get = async (path) => (await fetch(server.url + path)).text();

await emulator.fault({ endpoint: "naver.token", kind: "status", status: 503, times: 1 });
for (const _ of [1, 2, 3]) assert.match(await get("/account"), /accountId/);

const metrics = await get("/metrics");
const count = (type) =>
  Number(
    new RegExp(`^access_token_events_total{provider="naver-commerce",type="${type}"} (\\d+)$`, "m").exec(metrics)?.[1],
  );
assert.deepEqual(["attempt_failed", "issued", "hit"].map(count), [1, 1, 2]);
assert.match(metrics, /^access_token_issue_seconds_count{provider="naver-commerce"} 1$/m);

await server.stop();
const lines = server.output
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line));
const failed = lines.find(({ type }) => type === "attempt_failed");
assert.equal(failed.level, 40);
assert.ok(lines.some(({ type, tokenId }) => type === "issued" && tokenId));

// Naver sends the same token to all callers.
await using naver = createNaverCommerceAuth();
const { value } = await naver.getToken();
assert.ok(!server.output.includes(value) && !metrics.includes(value), "a token was logged");
