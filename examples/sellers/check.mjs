import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { startEmulator } from "@x/commerce-auth-emulator";
import { createNaverCommerceAuth } from "@x/naver-commerce-auth";
import Redis from "ioredis";
import { run } from "./support.mjs";

const SELLERS = 20;
writeFileSync(
  "server.mjs",
  `import { close, sellerAccount } from "./sellers.js";
const ids = Array.from({ length: ${SELLERS} }, (_, index) => \`seller-\${index}\`);
const accounts = [];
// One by one: a busy machine would answer late, and the cache does not wait long for Redis.
for (const id of ids) accounts.push(await sellerAccount(id));
console.log(accounts.every(({ accountId }, index) => accountId === ids[index]));
await close();`,
);

const emulator = await startEmulator({ naver: { accounts: "any" } });
const env = {
  ...process.env,
  COMMERCE_AUTH_EMULATOR: emulator.origin,
  TOKEN_ENCRYPTION_KEY: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64"),
};
for (const _server of ["first", "second"]) assert.equal(await run("node", ["server.mjs"], env), "true\n");
assert.equal(emulator.requestCount("naver.token"), SELLERS, "two servers share each seller's token");

// Naver sends the same token to all that ask.
const seller = createNaverCommerceAuth({ ...emulator.naver.options, type: "SELLER", accountId: "seller-0" });
const { value } = await seller.getToken();
const redis = new Redis(process.env.REDIS_URL);
const keys = await redis.keys("*:token");
const entries = await Promise.all(keys.map((key) => redis.get(key)));
assert.equal(entries.length, SELLERS);
for (const entry of entries) assert.ok(!entry.includes(value) && entry.includes("e1."), "a token is in the clear");
await redis.quit();
await emulator.close();
